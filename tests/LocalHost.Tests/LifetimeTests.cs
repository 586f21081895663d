using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using TestSupport;
using Xunit;

namespace LocalHost.Tests;

/// <summary>LocalHost with its own Azurite and demo, as `dotnet run` starts it.</summary>
public sealed partial class LifetimeTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory();
    private readonly int _azuritePort = FreePort.Take();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task On_SIGTERM_LocalHost_stops_before_its_Azurite()
    {
        await using LocalHostProcess host = await StartAsync();

        host.Signal("TERM");

        Assert.Equal((0, ""), (await host.ExitCodeAsync(Cancellation), host.Errors));
        Assert.False(await AzuriteListensAsync());
    }

    /// <summary>A terminal also signals Azurite, which must outlast the requests in flight.</summary>
    [Fact]
    public async Task On_Ctrl_C_LocalHost_stops_before_its_Azurite()
    {
        await using LocalHostProcess host = await StartAsync(likeTerminal: true);

        host.Signal("INT");

        Assert.Equal((0, ""), (await host.ExitCodeAsync(Cancellation), host.Errors));
        Assert.DoesNotContain("Azurite has stopped unexpectedly", host.Output, StringComparison.Ordinal);
        Assert.False(await AzuriteListensAsync());
    }

    [Fact]
    public async Task Azurite_ends_when_LocalHost_is_killed()
    {
        await using LocalHostProcess host = await StartAsync();
        using TcpClient azurite = new();
        await azurite.ConnectAsync(IPAddress.Loopback, _azuritePort, Cancellation);

        host.Signal("KILL");

        // The connection ends when Azurite does.
        await Assert.ThrowsAnyAsync<IOException>(async () => await azurite.GetStream().ReadExactlyAsync(new byte[1], Cancellation));
        Assert.False(await AzuriteListensAsync());
    }

    [Fact]
    public async Task The_demo_survives_a_restart()
    {
        string first = await RunAsync();
        string second = await RunAsync();

        Assert.NotEmpty(KeyIn(first));
        Assert.Equal(KeyIn(first), KeyIn(second));
    }

    [Fact]
    public async Task The_demo_gets_a_new_key_if_storage_lacks_the_saved_one()
    {
        string first = await RunAsync();
        Directory.Delete(Path.Combine(_data.FullName, "azurite"), recursive: true);

        string second = await RunAsync();

        Assert.NotEqual(KeyIn(first), KeyIn(second));
    }

    [Fact]
    public async Task A_running_Azurite_is_used_and_left_running()
    {
        await using Azurite azurite = await Azurite.StartAsync(_azuritePort, folder: null, Cancellation);

        await RunAsync();

        Assert.True(await AzuriteListensAsync());
    }

    [Fact]
    public async Task No_sample_commands_are_printed_without_the_demo()
    {
        string output = await RunAsync("--Demo=false");

        Assert.Empty(KeyIn(output));
    }

    private async Task<string> RunAsync(params string[] args)
    {
        await using LocalHostProcess host = await StartAsync(args: args);
        host.Signal("TERM");
        Assert.Equal(0, await host.ExitCodeAsync(Cancellation));
        return host.Output;
    }

    private async Task<LocalHostProcess> StartAsync(bool likeTerminal = false, params string[] args)
    {
        LocalHostProcess host = LocalHostProcess.Start(
            [$"--Data={_data.FullName}", $"--Tables:ConnectionString={Azurite.ConnectionStringOf(_azuritePort)}", .. args], likeTerminal: likeTerminal);
        await host.ReadyAsync(Cancellation);
        return host;
    }

    private async Task<bool> AzuriteListensAsync()
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _azuritePort, Cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string KeyIn(string output) => DemoKey().Match(output).Value;

    [GeneratedRegex("lak_[0-9a-f_]+")]
    private static partial Regex DemoKey();
}

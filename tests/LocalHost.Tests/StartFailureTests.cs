using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using TestSupport;
using Xunit;

namespace LocalHost.Tests;

/// <summary>A missing prerequisite is one line on standard error, and exit code 1.</summary>
public sealed class StartFailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_in_use_is_reported()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();

        string line = await FailAsync([$"--urls=http://{taken.LocalEndpoint}", "--Azurite=false", "--Demo=false"]);

        Assert.Contains("address already in use", line, StringComparison.Ordinal);
        Assert.Contains("--urls", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_storage_settings_are_rejected()
    {
        string line = await FailAsync(["--Tables:ConnectionString=UseDevelopmentStorage=true", "--Tables:Endpoint=https://account.table.core.windows.net"]);

        Assert.Contains("Tables__ConnectionString and Tables__Endpoint are both set", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_connection_string_is_reported()
    {
        string line = await FailAsync(["--Tables:ConnectionString=nonsense"]);

        Assert.Contains("Tables__ConnectionString is not a storage connection string", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--PublicCheck:RequestsPerMinute=many", "'PublicCheck:RequestsPerMinute'")]
    [InlineData("--Demo=perhaps", "'Demo'")]
    public async Task A_setting_of_the_wrong_type_is_reported(string setting, string named)
    {
        string line = await FailAsync(["--Tables:ConnectionString=UseDevelopmentStorage=true", setting]);

        Assert.StartsWith("Failed to convert configuration value", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_storage_port_used_by_another_server_is_reported()
    {
        await using WebApplication other = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]).Build();
        await other.StartAsync(Cancellation);
        int port = new Uri(other.Urls.Single()).Port;

        string line = await FailAsync([$"--Tables:ConnectionString={Azurite.ConnectionStringOf(port)}"]);

        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"The process listening on 127.0.0.1:{port} is not a table service"), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_Node_is_reported()
    {
        string line = await FailAsync(
            [$"--Tables:ConnectionString={Azurite.ConnectionStringOf(FreePort.Take())}"],
            new Dictionary<string, string?> { ["PATH"] = AppContext.BaseDirectory });

        Assert.StartsWith("`node` is not on the PATH", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encrypted_local_settings_are_rejected()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "local.settings.json"), """{ "IsEncrypted": true }""", Cancellation);

        string line = await FailAsync([$"--contentRoot={folder.FullName}"]);

        Assert.StartsWith("local.settings.json is encrypted", line, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static async Task<string> FailAsync(string[] args, IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using LocalHostProcess host = LocalHostProcess.Start(args, environment);

        int exitCode = await host.ExitCodeAsync(Cancellation);

        Assert.Equal((1, ""), (exitCode, host.Output));
        return Assert.Single(host.Errors.TrimEnd('\n').Split('\n'));
    }
}

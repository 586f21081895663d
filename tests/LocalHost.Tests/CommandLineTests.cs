using TestSupport;
using Xunit;

namespace LocalHost.Tests;

/// <summary>LocalHost's command line, as `dotnet run` passes it.</summary>
public sealed class CommandLineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("-?")]
    public async Task Help_lists_the_switches_and_starts_nothing(string help)
    {
        await using LocalHostProcess host = LocalHostProcess.Start([help]);

        Assert.Equal((0, ""), (await ExitCodeAsync(host), host.Errors));
        Assert.All(
            ["--urls=", "--Azurite=false", "--Demo=false", "--Data=", "--Tables:", "--PublicCheck:", "http://127.0.0.1:7071"],
            text => Assert.Contains(text, host.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("Ready on", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Azurit=false", "--Azurit=false is not a LocalHost option: see --help.")]
    [InlineData("--Tables:Prefx=Test", "--Tables:Prefx=Test is not a LocalHost option: see --help.")]
    [InlineData("--PublicCheck:PerMinute=1", "--PublicCheck:PerMinute=1 is not a LocalHost option: see --help.")]
    [InlineData("/Azurit=false", "/Azurit=false is not a LocalHost option: see --help.")]
    [InlineData("Azurit=false", "Azurit=false is not a LocalHost option: see --help.")]
    [InlineData("stop", "stop is not a LocalHost option: see --help.")]
    [InlineData("--Demo", "--Demo needs a value: pass --Demo=<value>, see --help.")]
    public async Task An_unknown_switch_is_an_error(string argument, string sentence)
    {
        await using LocalHostProcess host = LocalHostProcess.Start([argument]);

        Assert.Equal((1, "", sentence), (await ExitCodeAsync(host), host.Output, host.Errors.TrimEnd()));
    }

    [Fact]
    public async Task A_value_may_follow_its_switch_after_a_space_and_names_are_case_insensitive()
    {
        await using LocalHostProcess host = LocalHostProcess.Start(
            ["--azurite", "false", "--demo", "false", "--Logging:LogLevel:Default=Warning", "--tables:prefix=Test"]);

        await host.ReadyAsync(Cancellation);
    }

    [Fact]
    public async Task The_page_starts_with_the_demo_users_and_three_steps()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory();
        await using Azurite azurite = await Azurite.StartAsync(port: 0, folder: null, Cancellation);
        await using (LocalHostServer server = await LocalHostServer.StartAsync(
            [$"--Tables:ConnectionString={azurite.ConnectionString}", "--Demo=true", $"--Data={data.FullName}"]))
        {
            string page = await server.Client.GetStringAsync("/", Cancellation);

            int first = page.IndexOf("<header class=\"first-screen\">", StringComparison.Ordinal);
            string header = page[first..page.IndexOf("</header>", first, StringComparison.Ordinal)];
            Assert.All(
                ["ada@example.com", "grace@example.com", "linus@example.com", "Create", "Check", "Delete"],
                text => Assert.Contains(text, header, StringComparison.Ordinal));
        }

        data.Delete(recursive: true);
    }

    /// <summary>The output of a LocalHost that exits without serving.</summary>
    private static async Task<int> ExitCodeAsync(LocalHostProcess host)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.ReadyAsync(Cancellation));
        return await host.ExitCodeAsync(Cancellation);
    }
}

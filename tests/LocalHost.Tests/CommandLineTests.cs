using TestSupport;
using Xunit;

namespace LocalHost.Tests;

/// <summary>LocalHost's own switches, as `dotnet run` passes them.</summary>
public sealed class CommandLineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("-?")]
    public async Task Asked_for_help_it_says_what_it_takes_and_starts_nothing(string help)
    {
        await using LocalHostProcess host = LocalHostProcess.Start([help]);

        Assert.Equal((0, ""), (await ExitCodeAsync(host), host.Errors));
        Assert.All(
            ["--urls=", "--Azurite=false", "--Demo=false", "--Data=", "--Tables:", "--PublicCheck:", "http://127.0.0.1:7071"],
            text => Assert.Contains(text, host.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("Ready on", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Azurit=false", "--Azurit=false is no switch of LocalHost: --help lists those there are.")]
    [InlineData("--Tables:Prefx=Test", "--Tables:Prefx=Test is no switch of LocalHost: --help lists those there are.")]
    [InlineData("--PublicCheck:PerMinute=1", "--PublicCheck:PerMinute=1 is no switch of LocalHost: --help lists those there are.")]
    [InlineData("/Azurit=false", "/Azurit=false is no switch of LocalHost: --help lists those there are.")]
    [InlineData("Azurit=false", "Azurit=false is no switch of LocalHost: --help lists those there are.")]
    [InlineData("stop", "stop is no switch of LocalHost: --help lists those there are.")]
    [InlineData("--Demo", "--Demo has no value: write --Demo=<value>, --help says which.")]
    public async Task A_switch_that_it_would_ignore_is_an_error(string argument, string sentence)
    {
        await using LocalHostProcess host = LocalHostProcess.Start([argument]);

        Assert.Equal((1, "", sentence), (await ExitCodeAsync(host), host.Output, host.Errors.TrimEnd()));
    }

    [Fact]
    public async Task A_value_may_follow_its_switch_after_a_space_and_names_heed_no_case()
    {
        await using LocalHostProcess host = LocalHostProcess.Start(
            ["--azurite", "false", "--demo", "false", "--Logging:LogLevel:Default=Warning", "--tables:prefix=Test"]);

        await host.ReadyAsync(Cancellation);
    }

    [Fact]
    public async Task The_page_says_first_who_the_demo_s_users_are_and_the_three_steps()
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

    /// <summary>Of one that ends without having served.</summary>
    private static async Task<int> ExitCodeAsync(LocalHostProcess host)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.ReadyAsync(Cancellation));
        return await host.ExitCodeAsync(Cancellation);
    }
}

using System.Text.Json.Nodes;
using Licensing.Platforms;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>Full, closed and unread streams, set up by a shell.</summary>
public sealed class OutputTests(AzuriteFixture azurite) : IDisposable
{
    /// <summary>Starts the command once its pipe has no reader.</summary>
    private const string NobodyReads =
        """{ until [ -e closed ]; do :; done; "$@"; echo $? > code; } | { exec 0<&-; : > closed; }; exit $(cat code)""";

    private static readonly Dictionary<string, string> NoSettings = [];

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Theory]
    [InlineData("\"$@\" > /dev/full")]
    [InlineData("\"$@\" >&-")]
    [InlineData("\"$@\" <&- >&-")]
    [InlineData(NobodyReads)]
    public async Task A_change_whose_result_cannot_be_printed_is_reported_with_its_own_exit_code(string script)
    {
        foreach (string[] json in new string[][] { [], ["--json"] })
        {
            string platform = json.Length == 0 ? "acme" : "acme-json";

            AdminResult result = await AdminProcess.RunInShellAsync(_there.Settings, $"rm -f closed; {script}", ["platform", "create", platform, .. json]);

            Assert.Equal((4, ""), (result.ExitCode, result.Output));
            Assert.Matches(
                @"\AThe change was made, but its result cannot be written to standard output \([^\n]+\): check what is stored before you run the command again\.\n\z",
                result.Error);
            Assert.NotNull(await _there.Get<PlatformStore>().FindAsync(platform, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("\"$@\" > /dev/full", "platform", "list")]
    [InlineData("\"$@\" >&-", "platform", "list", "--json")]
    [InlineData("\"$@\" > /dev/full", "--help")]
    [InlineData("\"$@\" >&-", "license", "create", "--help")]
    [InlineData("\"$@\" > /dev/full", "--version")]
    [InlineData(NobodyReads, "platform", "list")]
    public async Task An_output_error_is_not_reported_as_a_storage_failure(string script, params string[] arguments)
    {
        await _there.PlatformAsync("acme");

        AdminResult result = await AdminProcess.RunInShellAsync(_there.Settings, script, arguments);

        Assert.Equal((4, ""), (result.ExitCode, result.Output));
        Assert.Matches(
            @"\AStandard output cannot be written \([^\n]+\): free disk space or redirect it elsewhere, then run the command again\.\n\z", result.Error);
    }

    [Theory]
    [InlineData("\"$@\" 2>&-")]
    [InlineData("\"$@\" 2> /dev/full")]
    [InlineData("\"$@\" <&- 2>&-")]
    public async Task A_closed_standard_error_changes_neither_results_nor_exit_codes(string script)
    {
        Assert.Equal(
            new AdminResult(0, "Created platform acme.\n", ""),
            await AdminProcess.RunInShellAsync(_there.Settings, script, "platform", "create", "acme"));
        Assert.Equal(new AdminResult(1, "", ""), await AdminProcess.RunInShellAsync(_there.Settings, script, "platform", "create", "acme"));
        Assert.Equal(new AdminResult(2, "", ""), await AdminProcess.RunInShellAsync(_there.Settings, script, "platform", "create"));
    }

    [Fact]
    public async Task The_exit_code_is_correct_when_all_streams_are_closed()
    {
        Assert.Equal(
            new AdminResult(4, "", ""),
            await AdminProcess.RunInShellAsync(_there.Settings, "\"$@\" <&- >&- 2>&-", "platform", "create", "acme"));
    }

    [Fact]
    public async Task Closed_standard_input_is_reported_and_prompts_for_nothing()
    {
        await _there.PlatformAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", "Standard input is closed: pipe the file into it, or pass its name.\n"),
            await AdminProcess.RunInShellAsync(_there.Settings, "\"$@\" <&-", "user", "import", "acme", "-"));
        Assert.Equal(2, (await AdminProcess.RunInShellAsync(_there.Settings, "\"$@\" <&-", "platform", "suspend", "acme")).ExitCode);
    }

    [Fact]
    public async Task Output_redirected_to_a_shared_file_is_appended_not_overwritten()
    {
        await _there.PlatformAsync("acme");

        AdminResult result = await AdminProcess.RunInShellAsync(
            _there.Settings, "(echo begin; \"$@\"; \"$@\"; echo end) > all; cat all", "platform", "list", "--json");

        const string Line = """[{"platform_key":"acme","platform_org":null,"suspended":false}]""";
        Assert.Equal(new AdminResult(0, $"begin\n{Line}\n{Line}\nend\n", ""), result);
    }

    [Theory]
    [InlineData("user", "import", "acme", "")]
    [InlineData("assignment", "import", "acme", "--license", "1", "")]
    [InlineData("backup", "")]
    [InlineData("restore", "")]
    public async Task An_empty_file_name_is_a_usage_error(params string[] arguments)
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Matches(@"\A<(file|folder)> must not be empty\.\nSee '[^\n]+ --help'\.\n\z", result.Error);
    }

    [Fact]
    public async Task Seat_totals_do_not_overflow_64_bits()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: long.MaxValue);
        await _there.LicenseAsync("Botany", seats: long.MaxValue);

        Assert.Equal(
            "18446744073709551614", JsonNode.Parse(await _there.DoneAsync("platform", "show", "acme", "--json"))!["seats"]!.ToJsonString());
        Assert.Contains("seats used 0 of 18,446,744,073,709,551,614", await _there.DoneAsync("platform", "show", "acme"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\374nion")]
    [InlineData("a\\355\\240\\200b")]
    public async Task An_argument_that_is_not_valid_UTF_8_is_rejected(string octal)
    {
        await _there.PlatformAsync("acme");

        AdminResult result = await AdminProcess.RunInShellAsync(
            _there.Settings, $"\"$@\" \"$(printf '{octal}')\"", "user", "add", "acme", "--email", "ada@example.org", "--username");

        Assert.Equal(
            new AdminResult(2, "", "An argument is not valid UTF-8, or contains U+FFFD: type it again, in a terminal or script that uses UTF-8.\n"), result);
    }

    [Fact]
    public async Task Ctrl_C_stops_an_import_waiting_for_standard_input()
    {
        await _there.PlatformAsync("acme");
        using AdminProcess process = AdminProcess.StartWaitingForInput(_there.Settings, "user", "import", "acme", "-");
        await process.WriteUntilReadAsync();

        process.Interrupt();

        Assert.Equal(new AdminResult(130, "", "Interrupted: nothing was changed.\n"), await process.EndAsync());
    }
}

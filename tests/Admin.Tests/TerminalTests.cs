using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Licensing.Platforms;
using TestSupport;
using Xunit;

namespace Admin.Tests;

/// <summary>Commands on a terminal, which the program <c>script</c> of util-linux provides.</summary>
public sealed partial class TerminalTests(AzuriteFixture azurite) : IDisposable
{
    private const string Script = "/usr/bin/script";

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Destructive_commands_ask_for_confirmation_and_follow_the_answer()
    {
        await _there.PlatformAsync("acme");

        (int kept, string no) = await OnTerminalAsync("n\n", "platform suspend acme");
        Assert.Equal(1, kept);
        Assert.Contains("Suspend platform acme? [y/N]", no, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed.", no, StringComparison.Ordinal);
        Assert.False((await FindAsync()).Suspended);

        (int done, string yes) = await OnTerminalAsync("y\n", "platform suspend acme");
        Assert.Equal(0, done);
        Assert.Contains("Suspended", yes, StringComparison.Ordinal);
        Assert.True((await FindAsync()).Suspended);
    }

    [Fact]
    public async Task Removing_a_platform_lists_what_is_deleted_and_requires_typing_its_key()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada");
        await _there.SuspendedAsync();

        (int kept, string no) = await OnTerminalAsync("y\n", "platform remove acme");
        Assert.Equal(1, kept);
        Assert.Contains("0 licenses, 1 user, 0 assignments, 0 changes, 0 API keys. Type its key to confirm:", no, StringComparison.Ordinal);
        Assert.True((await FindAsync()).Suspended);

        (int done, string yes) = await OnTerminalAsync("acme\n", "platform remove acme");
        Assert.Equal(0, done);
        Assert.Contains("Removed", yes, StringComparison.Ordinal);
        Assert.Null(await _there.Get<PlatformStore>().FindAsync("acme", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ctrl_C_at_a_prompt_stops_at_once_and_changes_nothing()
    {
        await _there.PlatformAsync("acme");

        (int exitCode, string output) = await OnTerminalAsync("\u0003", "env", "platform suspend acme", after: "[y/N]");

        Assert.Equal(130, exitCode);
        Assert.Contains("Interrupted: nothing was changed.", output, StringComparison.Ordinal);
        Assert.False((await FindAsync()).Suspended);
    }

    [Fact]
    public async Task Terminals_get_color_and_progress_and_NO_COLOR_disables_color()
    {
        const string Color = "\e[38;5;";
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "username,email\nada,ada@example.org\n");

        (int exitCode, string colored) = await OnTerminalAsync("", $"user import acme {people}");
        Assert.Equal(0, exitCode);
        Assert.Contains(Color, colored, StringComparison.Ordinal);
        Assert.Contains("Importing users", colored, StringComparison.Ordinal);

        (_, string plain) = await OnTerminalAsync("", $"user import acme {people}", ("NO_COLOR", "1"));
        Assert.DoesNotContain(Color, plain, StringComparison.Ordinal);
        Assert.Contains("0 users added to platform acme, 1 already there", plain, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("1", "")]
    [InlineData("", " > /dev/null")]
    public async Task A_large_import_shows_progress_rate_and_time_left(string noColor, string redirection)
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "username,email\n" + string.Concat(Enumerable.Range(1, 3_000).Select(i => $"u{i},u{i}@example.org\n")));

        (int exitCode, string output) = await OnTerminalAsync(
            "", $"sh -c 'stty cols 80; \"$@\"{redirection}' sh", $"user import acme {people}", after: "", ("NO_COLOR", noColor));

        Assert.Equal(0, exitCode);
        IReadOnlyList<Match> frames = ProgressOfImport().Matches(Control().Replace(output, ""));
        Assert.Contains(frames, frame => frame.Groups["done"].Value is not "0" and not "3,000" && frame.Groups["rate"].Success && frame.Groups["left"].Success);
        Assert.Equal("3,000", frames[^1].Groups["done"].Value);
        Assert.Equal(redirection.Length == 0, output.Contains("added to platform", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("assignment sync acme --license 1 class.csv --dry-run", "Reading users|Reading assignments|Checking the file")]
    [InlineData("assignment remove acme --file class.csv --license 1 --yes", "Reading users|Reading assignments|Checking the file")]
    [InlineData("assignment import acme --license 1 class.csv", "Checking the file")]
    [InlineData("license usage acme 1", "Reading the history")]
    [InlineData("license remove acme 1 --with-assignments --yes", "Removing assignments")]
    [InlineData("history acme", "Reading the history")]
    [InlineData("backup class.csv.rows", "Writing /")]
    public async Task Long_commands_show_progress_only_on_a_terminal_and_without_color_under_NO_COLOR(string arguments, string progress)
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        await _there.UserAsync("ada", "ada@example.org");
        await _there.PutAsync(user: 1, license: 1);
        string file = _there.Write("class.csv", "email\nada@example.org\n");
        arguments = arguments.Replace("class.csv", file, StringComparison.Ordinal);

        (int exitCode, string output) = await OnTerminalAsync("", $"sh -c 'stty cols 200; exec \"$@\"' sh", arguments, after: "", ("NO_COLOR", "1"));

        Assert.Equal(0, exitCode);
        Assert.Matches(progress, output);
        Assert.DoesNotMatch(@"\e\[[0-9;]*m", output);
        Assert.DoesNotContain("ing ", (await _there.RunAsync(arguments.Split(' '))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_a_large_import_prints_only_its_result()
    {
        await _there.PlatformAsync("acme");
        string people = _there.Write("people.csv", "username,id\n" + string.Concat(Enumerable.Range(1, 3_000).Select(i => $"u{i},{i}\n")));

        Assert.Equal(
            new AdminResult(0, "3,000 users added to platform acme, 0 already there, 0 skipped.\n", ""),
            await _there.RunAsync("user", "import", "acme", people));
    }

    [Theory]
    [InlineData("license list acme", "Algebra")]
    [InlineData("user list acme", "adalovelace")]
    [InlineData("assignment list acme", "adalovelace")]
    [InlineData("key list acme", "enrolment")]
    [InlineData("platform show acme", "Algebra", "enrolment")]
    public async Task Tables_on_a_narrow_terminal_keep_full_names_and_list_omitted_columns(string arguments, params string[] names)
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 1_000_000);
        await _there.UserAsync("adalovelace", "ada.lovelace@mathematics.example.org");
        await _there.PutAsync(user: 1, license: 1);
        await _there.DoneAsync("key", "create", "acme", "--name", "enrolment", "--expires", "2031-01-01");

        (int exitCode, string output) = await OnTerminalAsync("", $"sh -c 'stty cols 40; exec \"$@\"' sh", arguments, after: "", ("NO_COLOR", "1"));

        Assert.Equal(0, exitCode);
        string[] lines = output.ReplaceLineEndings("\n").Split('\n');
        Assert.All(lines.Where(line => line.Contains('─', StringComparison.Ordinal)), line => Assert.InRange(line.Length, 1, 40));
        Assert.All(names, name => Assert.Contains(lines, line => line.Contains(name, StringComparison.Ordinal)));
        Assert.Equal(arguments != "user list acme", output.Contains("Columns that do not fit: ", StringComparison.Ordinal));
    }

    private async Task<Platform> FindAsync() =>
        (await _there.Get<PlatformStore>().FindAsync("acme", TestContext.Current.CancellationToken))!;

    private Task<(int ExitCode, string Output)> OnTerminalAsync(string input, string arguments, params (string, string)[] environment) =>
        OnTerminalAsync(input, "env", arguments, after: "", environment);

    /// <param name="before">A command that runs the given one.</param>
    /// <param name="after">The output to wait for before sending the input.</param>
    private async Task<(int ExitCode, string Output)> OnTerminalAsync(
        string input, string before, string arguments, string after, params (string, string)[] environment)
    {
        Assert.SkipUnless(File.Exists(Script), $"There is no {Script} to make a terminal.");
        // Background jobs of a shell ignore SIGINT, and so would their children.
        ProcessStartInfo start = new(Script, ["-qec", $"{before} env --default-signal=INT dotnet {AdminProcess.Admin} {arguments}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        foreach ((string name, string value) in _there.Settings.Select(setting => (setting.Key, setting.Value)).Concat(environment))
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        StringBuilder output = new();
        char[] buffer = new char[1024];
        bool given = false;
        do
        {
            if (!given && output.ToString().Contains(after, StringComparison.Ordinal))
            {
                await process.StandardInput.WriteAsync(input);
                await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
                given = true;
            }
        }
        while (await process.StandardOutput.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count
            && output.Append(buffer, 0, count) is not null);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.ToString());
    }

    /// <summary>Escape sequences for the cursor and for colors.</summary>
    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Control();

    /// <summary>On one line, if it fits into 80 columns.</summary>
    [GeneratedRegex(@"Importing users +[━ ]+(?<done>[\d,]+) of 3,000 +(?<rate>[\d,]+/s)? +(?<left>\d\d:\d\d:\d\d)?")]
    private static partial Regex ProgressOfImport();
}

using Xunit;

namespace Admin.Tests;

public sealed class HelpTests
{
    private static readonly Dictionary<string, string> NoSettings = [];

    private static readonly string[] Commands =
    [
        "",
        "platform", "platform create", "platform list", "platform show", "platform suspend", "platform resume", "platform update", "platform remove",
        "key", "key create", "key list", "key revoke",
        "license", "license create", "license update", "license list", "license show", "license remove", "license history", "license usage",
        "user", "user add", "user update", "user import", "user list", "user show", "user remove",
        "assignment", "assignment add", "assignment import", "assignment sync", "assignment remove", "assignment list", "assignment history",
        "history", "verify", "backup", "restore", "bench",
    ];

    [Fact]
    public async Task Every_command_has_help_with_examples_and_accepts_json()
    {
        foreach (string[] some in Commands.Chunk(4))
        {
            await Task.WhenAll(some.Select(AssertHelpAsync));
        }
    }

    [Fact]
    public async Task Shell_completion_suggests_commands()
    {
        AdminResult groups = await AdminProcess.RunAsync(NoSettings, "[suggest:14]", "license-admin ");
        Assert.Superset(
            new HashSet<string> { "platform", "key", "license", "user", "assignment", "verify" },
            new HashSet<string>(groups.Output.Split('\n')));

        AdminResult verbs = await AdminProcess.RunAsync(NoSettings, "[suggest:26]", "license-admin assignment i");
        Assert.Contains("import", verbs.Output.Split('\n'));
    }

    private static async Task AssertHelpAsync(string command)
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string examples = result.Output[result.Output.LastIndexOf("Example", StringComparison.Ordinal)..];
        Assert.Contains($"license-admin {command}", examples, StringComparison.Ordinal);
        if (command.Contains(' ', StringComparison.Ordinal) || command is "history" or "verify" or "backup" or "restore" or "bench")
        {
            Assert.Contains("--json", result.Output, StringComparison.Ordinal);
        }
    }
}

using Xunit;

namespace Admin.Tests;

public sealed class UsageTests
{
    private static readonly Dictionary<string, string> NoSettings = [];

    [Fact]
    public async Task Help_names_the_settings_and_the_exit_codes()
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, "--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[] promised = ["Tables__ConnectionString", "Tables__Endpoint", "local.settings.json", "0 done", "1 asked and found wrong", "2 wrong usage", "3 storage"];
        Assert.All(promised, text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new string[0], "Required command was not provided.\nSee 'license-admin --help'.\n")]
    [InlineData(new[] { "platform" }, "Required command was not provided.\nSee 'license-admin platform --help'.\n")]
    [InlineData(new[] { "user", "add", "acme" }, "Option '--username' is required.\nSee 'license-admin user add --help'.\n")]
    [InlineData(new[] { "assignment", "history", "acme" }, "Give one of --id, --license and --email.\nSee 'license-admin assignment history --help'.\n")]
    [InlineData(new[] { "assignment", "history", "acme", "--id", "1", "--license", "1" }, "Give one of --id, --license and --email.\nSee 'license-admin assignment history --help'.\n")]
    [InlineData(new[] { "key", "create", "acme", "--nmae", "x" }, "Unrecognized command or argument '--nmae'.\nUnrecognized command or argument 'x'.\nSee 'license-admin key create --help'.\n")]
    public async Task Wrong_arguments_are_named_on_standard_error_with_where_to_read_on(string[] arguments, string error)
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, arguments);

        Assert.Equal(new AdminResult(2, "", error), result);
    }

    [Fact]
    public async Task All_faults_are_named_at_once()
    {
        AdminResult result = await AdminProcess.RunAsync(
            NoSettings, "license", "create", "acme", "--name", "Algebra", "--id", "0", "--seats", "few", "--json");

        Assert.Equal(
            new AdminResult(
                2,
                "",
                "--id must be a whole number, 1 or more.\n"
                + "--seats must be a whole number, 0 or more, or the word unlimited.\n"
                + "See 'license-admin license create --help'.\n"),
            result);
    }
}

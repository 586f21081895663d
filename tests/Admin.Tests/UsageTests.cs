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
        string[] promised = ["Tables__ConnectionString", "Tables__Endpoint", "local.settings.json", "0 success", "1 refused, invalid input, or violations found", "2 invalid usage", "3 storage", "4 standard output", "70 a bug"];
        Assert.All(promised, text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new[] { "platform" }, "Required command was not provided.\nSee 'license-admin platform --help'.\n")]
    [InlineData(new[] { "user", "add", "acme" }, "Option '--username' is required.\nSee 'license-admin user add --help'.\n")]
    [InlineData(new[] { "assignment", "history", "acme" }, "Pass exactly one of --id, --license and --email.\nSee 'license-admin assignment history --help'.\n")]
    [InlineData(new[] { "assignment", "history", "acme", "--id", "1", "--license", "1" }, "Pass exactly one of --id, --license and --email.\nSee 'license-admin assignment history --help'.\n")]
    [InlineData(new[] { "key", "create", "acme", "--nmae", "x" }, "Unrecognized command or argument '--nmae'.\nUnrecognized command or argument 'x'.\nSee 'license-admin key create --help'.\n")]
    public async Task Invalid_arguments_are_reported_on_standard_error_with_the_help_to_read(string[] arguments, string error)
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, arguments);

        Assert.Equal(new AdminResult(2, "", error), result);
    }

    [Fact]
    public async Task Help_is_printed_when_no_command_is_given()
    {
        AdminResult help = await AdminProcess.RunAsync(NoSettings, "--help");

        Assert.Equal(help, await AdminProcess.RunAsync(NoSettings));
        Assert.Equal(0, help.ExitCode);
    }

    [Theory]
    [InlineData("licens list acme", "Unrecognized command or argument 'licens'. Did you mean 'license'?\nSee 'license-admin --help'.\n")]
    [InlineData("verfiy", "Unrecognized command or argument 'verfiy'. Did you mean 'verify'?\nSee 'license-admin --help'.\n")]
    [InlineData("user imprt acme people.csv", "Unrecognized command or argument 'imprt'. Did you mean 'import'?\nSee 'license-admin user --help'.\n")]
    [InlineData("key LIST acme", "Unrecognized command or argument 'LIST'. Did you mean 'list'?\nSee 'license-admin key --help'.\n")]
    [InlineData("assignment frobnicate", "Unrecognized command or argument 'frobnicate'.\nSee 'license-admin assignment --help'.\n")]
    public async Task A_mistyped_command_gets_a_suggestion(string arguments, string error)
    {
        Assert.Equal(new AdminResult(2, "", error), await AdminProcess.RunAsync(NoSettings, arguments.Split(' ')));
    }

    [Theory]
    [InlineData("--name", "license", "create", "acme", "--seats", "1", "--name", "--json")]
    [InlineData("--name", "license", "update", "acme", "1", "--name", "--force")]
    [InlineData("--name", "key", "create", "acme", "--name", "--json")]
    [InlineData("--name", "key", "create", "acme", "--name", "--jsno")]
    [InlineData("--name", "key", "create", "acme", "--name", "-?")]
    [InlineData("--org", "platform", "create", "acme", "--org", "--json")]
    [InlineData("--username", "user", "add", "acme", "--email", "ada@example.org", "--username", "--endpoint")]
    public async Task An_option_is_not_used_as_the_missing_value_of_another(string option, params string[] arguments)
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"{option} must have a value", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_usage_errors_are_reported_at_once()
    {
        AdminResult result = await AdminProcess.RunAsync(
            NoSettings, "license", "create", "acme", "--name", "Algebra", "--id", "0", "--seats", "few", "--json");

        Assert.Equal(
            new AdminResult(
                2,
                "",
                "--id must be a whole number, 1 or more.\n"
                + "--seats must be a whole number, 0 or more, or unlimited.\n"
                + "See 'license-admin license create --help'.\n"),
            result);
    }
}

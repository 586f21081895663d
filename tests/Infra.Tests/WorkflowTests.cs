using System.Text.RegularExpressions;
using Xunit;

namespace Infra.Tests;

/// <summary>The GitHub workflows.</summary>
public sealed partial class WorkflowTests
{
    /// <summary>The file that the worker's SDK writes.</summary>
    private const string Functions = """
        [
          {"name": "catalog_licenses_user_assignment_create", "scriptFile": "Functions.dll", "entryPoint": "Functions.AssignmentFunctions.CreateAsync", "language": "dotnet-isolated", "properties": {"IsCodeless": false},
            "bindings": [{"name": "request", "direction": "In", "type": "httpTrigger", "authLevel": "Anonymous", "methods": ["post"], "route": "catalog/licenses/user/assignment", "properties": {}}, {"name": "$return", "type": "http", "direction": "Out"}]},
          {"name": "catalog_licenses_user_assignment_destroy", "scriptFile": "Functions.dll", "entryPoint": "Functions.AssignmentFunctions.DestroyAsync", "language": "dotnet-isolated", "properties": {"IsCodeless": false},
            "bindings": [{"name": "request", "direction": "In", "type": "httpTrigger", "authLevel": "Anonymous", "methods": ["delete"], "route": "catalog/licenses/user/assignment", "properties": {}}, {"name": "$return", "type": "http", "direction": "Out"}]},
          {"name": "catalog_licenses_user_assignment_check_retrieve", "scriptFile": "Functions.dll", "entryPoint": "Functions.AssignmentFunctions.CheckAsync", "language": "dotnet-isolated", "properties": {"IsCodeless": false},
            "bindings": [{"name": "request", "direction": "In", "type": "httpTrigger", "authLevel": "Anonymous", "methods": ["get"], "route": "catalog/licenses/user/assignment/check", "properties": {}}, {"name": "$return", "type": "http", "direction": "Out"}]}
        ]
        """;

    public static TheoryData<string> Workflows => [.. Directory
        .EnumerateFiles(Repository.PathOf(".github", "workflows"))
        .Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Workflows))]
    public async Task Actions_are_pinned_and_have_only_the_listed_permissions(string workflow)
    {
        string text = await File.ReadAllTextAsync(Repository.PathOf(".github", "workflows", workflow), TestContext.Current.CancellationToken);

        Assert.All(Uses().Matches(text), uses => Assert.Matches("^[^@ ]+@[0-9a-f]{40} # v[0-9]+[.][0-9]+[.][0-9]+$", uses.Groups["action"].Value));
        Assert.Matches(Permissions(), text);
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public async Task Tool_versions_are_pinned_and_supported(string workflow)
    {
        string text = await ReadAsync(workflow);

        Assert.All(Versions().Matches(text), version => Assert.Matches(
            version.Groups["tool"].Value == "node-version" ? "^24$" : @"^\d+\.\d+\.\d+$", version.Groups["version"].Value));
        Assert.Equal(text.Contains("Azure/setup-azd@", StringComparison.Ordinal), Versions().Matches(text).Any(version => version.Groups["tool"].Value == "version"));
    }

    [Fact]
    public async Task Deploy_takes_only_main_and_the_app_that_CI_tested_at_that_commit()
    {
        string deploy = await ReadAsync("deploy.yml");
        string tested = await ReadAsync("ci.yml");

        Assert.Contains("if: github.ref == 'refs/heads/main'", deploy, StringComparison.Ordinal);
        Assert.Contains("gh run list --workflow ci.yml --branch main --commit \"$GITHUB_SHA\" --event push --status success", deploy, StringComparison.Ordinal);
        Assert.Contains("gh run download \"$run\" --name app", deploy, StringComparison.Ordinal);
        Assert.Contains("azd deploy api --from-package .data/app.zip", deploy, StringComparison.Ordinal);
        Assert.DoesNotContain("azd up", deploy, StringComparison.Ordinal);
        Assert.True(tested.IndexOf("bash .ci/run", StringComparison.Ordinal) < tested.IndexOf("working-directory: .data/published", StringComparison.Ordinal));
        Assert.Contains("name: app\n", tested, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deployment_is_awaited_and_then_smoke_tested_at_its_public_address()
    {
        string deploy = await ReadAsync("deploy.yml");

        int[] steps = [.. new[] { "azd deploy api", "bash .ci/wait", "bash .ci/smoke" }.Select(step => deploy.IndexOf(step, StringComparison.Ordinal))];
        Assert.All(steps, step => Assert.True(step > 0));
        Assert.Equal(steps.Order(), steps);
    }

    [Fact]
    public async Task Every_variable_of_the_template_can_be_set_for_a_GitHub_environment()
    {
        string parameters = await File.ReadAllTextAsync(Path.Combine(Bicep.Folder, "main.bicepparam"), TestContext.Current.CancellationToken);
        string deploy = await ReadAsync("deploy.yml");

        Assert.All(Variables().Matches(parameters), variable => Assert.Contains($"      {variable.Groups["name"].Value}: ${{{{", deploy, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_project_has_a_UserSecretsId_so_azd_adds_none()
    {
        string project = await File.ReadAllTextAsync(Repository.PathOf("src", "Functions", "Functions.csproj"), TestContext.Current.CancellationToken);

        Assert.Matches("<UserSecretsId>[^<]+</UserSecretsId>", project);
    }

    [Fact]
    public async Task A_published_app_serves_the_three_functions_and_no_others()
    {
        CommandResult whole = await PublishedAsync(Functions);
        CommandResult protectedByKey = await PublishedAsync(Functions.Replace("Anonymous", "Function", StringComparison.Ordinal));
        CommandResult none = await PublishedAsync("[]");

        Assert.Equal((0, "", ""), (whole.ExitCode, whole.Output, whole.Error));
        Assert.NotEqual(0, protectedByKey.ExitCode);
        Assert.NotEqual(0, none.ExitCode);
    }

    [Fact]
    public async Task A_published_app_with_local_settings_is_rejected()
    {
        CommandResult result = await PublishedAsync(Functions, "local.settings.json");

        Assert.NotEqual(0, result.ExitCode);
    }

    private static Task<string> ReadAsync(string workflow) =>
        File.ReadAllTextAsync(Repository.PathOf(".github", "workflows", workflow), TestContext.Current.CancellationToken);

    private static async Task<CommandResult> PublishedAsync(string functions, params string[] files)
    {
        DirectoryInfo app = Directory.CreateTempSubdirectory("published-tests-");
        try
        {
            File.WriteAllText(Path.Combine(app.FullName, "functions.metadata"), functions);
            foreach (string file in files.Append("host.json"))
            {
                File.WriteAllText(Path.Combine(app.FullName, file), "{}");
            }

            return await Repository.RunAsync("bash", [Repository.PathOf(".ci", "published"), app.FullName]);
        }
        finally
        {
            app.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"uses:\s*(?<action>.+)")]
    private static partial Regex Uses();

    [GeneratedRegex(@"^ +(?<tool>node-version|version): (?<version>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Versions();

    [GeneratedRegex("readEnvironmentVariable\\('(?<name>[A-Z_]+)'")]
    private static partial Regex Variables();

    [GeneratedRegex(@"^permissions:( \{\}|\n  contents: read\n\n)", RegexOptions.Multiline)]
    private static partial Regex Permissions();
}

using System.Text.RegularExpressions;
using Xunit;

namespace Infra.Tests;

/// <summary>What GitHub runs.</summary>
public sealed partial class WorkflowTests
{
    /// <summary>As the worker's SDK writes it.</summary>
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
    public async Task An_action_is_pinned_and_gets_no_more_rights_than_named(string workflow)
    {
        string text = await File.ReadAllTextAsync(Repository.PathOf(".github", "workflows", workflow), TestContext.Current.CancellationToken);

        Assert.All(Uses().Matches(text), uses => Assert.Matches("^[^@]+@([0-9a-f]{40}|v[0-9]+[.][0-9]+[.][0-9]+)$", uses.Groups["action"].Value));
        Assert.Matches(Permissions(), text);
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
    public async Task A_published_app_with_local_settings_is_refused()
    {
        CommandResult result = await PublishedAsync(Functions, "local.settings.json");

        Assert.NotEqual(0, result.ExitCode);
    }

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

    [GeneratedRegex(@"uses:\s*(?<action>\S+)")]
    private static partial Regex Uses();

    [GeneratedRegex(@"^permissions:( \{\}|\n  contents: read\n\n)", RegexOptions.Multiline)]
    private static partial Regex Permissions();
}

using System.Text.Json.Nodes;
using TestSupport;
using Xunit;

namespace Contract.Tests;

/// <summary>What linters say of the document.</summary>
public sealed class LintTests
{
    private static readonly string[] Paths = ["/api/catalog/licenses/user/assignment/", "/api/catalog/licenses/user/assignment/check/"];

    [Fact]
    public async Task Redocly_finds_only_the_trailing_slashes_of_the_published_paths()
    {
        CommandResult result = await Clients.NpmAsync("redocly");

        Assert.Equal(
            Paths.Select(path => $"no-path-trailing-slash `{path}` should not have a trailing slash."),
            Json(result)["problems"]!.AsArray().Select(problem => $"{problem!["ruleId"]} {problem["message"]}"));
    }

    [Fact]
    public async Task Spectral_finds_only_the_trailing_slashes_of_the_published_paths()
    {
        CommandResult result = await Clients.NpmAsync("spectral");

        Assert.Equal(
            Paths.Select(path => $"path-keys-no-trailing-slash {path}"),
            Json(result).AsArray().Select(problem => $"{problem!["code"]} {problem["path"]!.AsArray()[^1]}"));
    }

    private static JsonNode Json(CommandResult result)
    {
        Assert.True(result.Output.Length > 0, result.Errors);
        return JsonNode.Parse(result.Output)!;
    }
}

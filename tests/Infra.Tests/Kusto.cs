using System.Text.Json;
using System.Text.Json.Nodes;
using TestSupport;

namespace Infra.Tests;

/// <summary>
/// Kusto's own parser, from npm, with the tables of a workspace: <c>kusto/tables.json</c> has their columns from Azure
/// Monitor's table reference.
/// </summary>
internal static class Kusto
{
    private static readonly NpmFolder _npm = new(Repository.PathOf("tests", "Infra.Tests", "kusto"));

    /// <summary>Returns the errors of each query; none for a valid query.</summary>
    public static async Task<string[][]> CheckAsync(IEnumerable<string> queries)
    {
        await _npm.InstalledAsync();
        JsonObject input = new()
        {
            ["tables"] = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_npm.Path, "tables.json"))),
            ["queries"] = new JsonArray([.. queries.Select(query => JsonValue.Create(query))]),
        };
        CommandResult result = await Repository.RunAsync("node", ["check.cjs"], _npm.Path, input: input.ToJsonString());
        return result.ExitCode == 0
            ? JsonSerializer.Deserialize<string[][]>(result.Output)!
            : throw new InvalidOperationException(result.Error);
    }
}

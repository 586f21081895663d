using System.Text.Json;
using System.Text.Json.Nodes;

namespace Infra.Tests;

/// <summary>
/// Kusto's own parser, from npm, with the tables of a workspace: <c>kusto/tables.json</c> has their columns from Azure
/// Monitor's table reference.
/// </summary>
internal static class Kusto
{
    private static readonly string _folder = Repository.PathOf("tests", "Infra.Tests", "kusto");
    private static readonly Lazy<Task> _installed = new(InstallAsync);

    /// <summary>What is wrong with each query; nothing for one that the workspace would run.</summary>
    public static async Task<string[][]> CheckAsync(IEnumerable<string> queries)
    {
        await _installed.Value;
        JsonObject input = new()
        {
            ["tables"] = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "tables.json"))),
            ["queries"] = new JsonArray([.. queries.Select(query => JsonValue.Create(query))]),
        };
        CommandResult result = await Repository.RunAsync("node", ["check.cjs"], _folder, input: input.ToJsonString());
        return result.ExitCode == 0
            ? JsonSerializer.Deserialize<string[][]>(result.Output)!
            : throw new InvalidOperationException(result.Error);
    }

    private static async Task InstallAsync()
    {
        string lockFile = await File.ReadAllTextAsync(Path.Combine(_folder, "package-lock.json"));
        string installed = Path.Combine(_folder, "node_modules", ".installed.json");
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == lockFile)
        {
            return;
        }

        CommandResult result = await Repository.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], _folder);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.Error);
        }

        await File.WriteAllTextAsync(installed, lockFile);
    }
}

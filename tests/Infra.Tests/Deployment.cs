using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Infra.Tests;

/// <summary>The resources that a deployment of an environment would create, as the Bicep CLI predicts them.</summary>
internal sealed class Deployment
{
    private static readonly JsonSerializerOptions _indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string[] _scope =
    [
        "--subscription-id", "00000000-0000-0000-0000-000000000001",
        "--tenant-id", "00000000-0000-0000-0000-000000000002",
        "--location", "westeurope",
        "--deployment-name", "license-assignments",
    ];

    private static readonly ConcurrentDictionary<string, Task<Deployment>> _predicted = new();

    private Deployment(JsonObject snapshot)
    {
        // The CLI writes outputs in random order.
        snapshot["outputs"] = new JsonObject(snapshot["outputs"]!.DeepClone().AsObject().OrderBy(output => output.Key, StringComparer.Ordinal)
            .Select(output => KeyValuePair.Create(output.Key, output.Value?.DeepClone())));
        Snapshot = snapshot.ToJsonString(_indented) + "\n";
        Resources = [.. snapshot["predictedResources"]!.AsArray().Select(resource => resource!.AsObject())];
    }

    public string Snapshot { get; }

    public IReadOnlyList<JsonObject> Resources { get; }

    /// <param name="environment">The name of the azd environment.</param>
    /// <param name="settings">Further variables set with <c>azd env set</c>, as NAME=value.</param>
    public static Task<Deployment> PredictAsync(string environment, params string[] settings) =>
        _predicted.GetOrAdd(string.Join(' ', [environment, .. settings]), _ => PredictNewAsync(Variables(environment, settings)));

    /// <summary>The variables that azd passes to the CLI.</summary>
    public static Dictionary<string, string> Variables(string environment, params string[] settings) =>
        settings.Select(setting => setting.Split('=', 2))
            .Append(["AZURE_ENV_NAME", environment])
            .Append(["AZURE_LOCATION", "westeurope"])
            .ToDictionary(setting => setting[0], setting => setting[1]);

    public IEnumerable<JsonObject> OfType(string type) => Resources.Where(resource => (string)resource["type"]! == type);

    private static async Task<Deployment> PredictNewAsync(Dictionary<string, string> variables)
    {
        using InfraCopy copy = new();
        CommandResult result = await Bicep.RunAsync(copy.Folder, ["snapshot", "main.bicepparam", .. _scope], variables);
        return result.ExitCode == 0
            ? new Deployment(JsonNode.Parse(await File.ReadAllTextAsync(copy.PathOf("main.snapshot.json")))!.AsObject())
            : throw new InvalidOperationException(result.Output + result.Error);
    }
}

using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Functions.PublicCheck;
using Licensing.Storage;
using Xunit;

namespace Infra.Tests;

/// <summary>The queries of the alerts, of the workbook and of the runbook.</summary>
public sealed partial class QueryTests
{
    [Fact]
    public async Task Every_query_is_valid_for_a_workspace()
    {
        string[] queries = await QueriesAsync();

        string[][] faults = await Kusto.CheckAsync(queries);

        Assert.All(queries.Zip(faults), query => Assert.True(query.Second.Length == 0, $"{query.First}\n{string.Join('\n', query.Second)}"));
    }

    [Theory]
    [InlineData("AppRequests | where Code == 1")]
    [InlineData("Requests | count")]
    [InlineData("AppMetrics | summarize sum(Sum")]
    public async Task An_invalid_query_is_detected(string query)
    {
        string[][] faults = await Kusto.CheckAsync([query]);

        Assert.NotEmpty(Assert.Single(faults));
    }

    [Fact]
    public async Task Every_metric_in_a_query_exists_in_the_app()
    {
        string[] instruments = Instruments();
        string[] queries = await QueriesAsync();

        string[] named = [.. queries.SelectMany(query => Metrics().Matches(query).Select(match => match.Value)).Distinct()];
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, instruments));
    }

    /// <summary>With the time grain that the workbook's parameters select.</summary>
    internal static async Task<string[]> QueriesAsync()
    {
        Deployment deployment = await Deployment.PredictAsync("prod");
        JsonNode workbook = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Bicep.Folder, "modules", "workbook.json")))!;
        string runbook = await File.ReadAllTextAsync(Repository.PathOf("docs", "operations.md"));
        string[] alerts = [.. deployment.OfType("Microsoft.Insights/scheduledQueryRules").Select(rule => (string)rule["properties"]!["criteria"]!["allOf"]![0]!["query"]!)];
        string[] tiles = [.. workbook["items"]!.AsArray().Select(item => (string?)item!["content"]!["query"]).OfType<string>()];
        string[] pages = [.. Fenced().Matches(runbook).Select(match => match.Groups["query"].Value)];
        Assert.All(new[] { alerts, tiles, pages }, Assert.NotEmpty);
        return [.. alerts, .. tiles.Select(tile => tile.Replace("{Period:grain}", "5m", StringComparison.Ordinal)), .. pages];
    }

    private static string[] Instruments()
    {
        List<string> names = [];
        using MeterListener listener = new() { InstrumentPublished = (instrument, _) => names.Add(instrument.Name) };
        listener.Start();
        foreach (Type type in new[] { typeof(TablesOptions), typeof(PublicCheckOptions) }
            .SelectMany(known => known.Assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Telemetry", StringComparison.Ordinal)))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        return [.. names];
    }

    [GeneratedRegex(@"license_assignments\.[a-z_.]+[a-z]")]
    private static partial Regex Metrics();

    [GeneratedRegex(@"^```kusto\n(?<query>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();
}

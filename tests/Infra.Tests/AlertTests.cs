using System.Text.Json.Nodes;
using Xunit;

namespace Infra.Tests;

/// <summary>The alerts.</summary>
public sealed class AlertTests
{
    private const string Rule = "Microsoft.Insights/scheduledQueryRules";
    private const string MetricAlert = "Microsoft.Insights/metricAlerts";

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task Every_alert_links_to_its_runbook_section(string environment)
    {
        const string runbook = "https://example.org/docs/operations.md";
        Deployment deployment = await Deployment.PredictAsync(environment, $"RUNBOOK={runbook}");

        string[] headings = [.. (await File.ReadAllLinesAsync(Repository.PathOf("docs", "operations.md"), TestContext.Current.CancellationToken))
            .Where(line => line.StartsWith('#'))
            .Select(line => line.TrimStart('#', ' ').Replace("`", "", StringComparison.Ordinal).Replace(' ', '-').ToLowerInvariant())];
        JsonObject[] alerts = [.. deployment.OfType(Rule), .. deployment.OfType(MetricAlert)];
        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert =>
        {
            string name = (string)alert["name"]!;
            Assert.Contains(name, headings);
            JsonNode properties = alert["properties"]!;
            Assert.EndsWith($"{runbook}#{name}", (string)properties["description"]!, StringComparison.Ordinal);
            JsonNode sent = properties["actions"] is JsonArray actions ? actions[0]!["webHookProperties"]! : properties["actions"]!["customProperties"]!;
            Assert.Equal($"{runbook}#{name}", (string)sent["runbook"]!);
        });
    }

    [Fact]
    public async Task Production_has_an_external_probe_of_the_check_that_accepts_only_the_known_response()
    {
        Deployment deployment = await Deployment.PredictAsync("prod");

        JsonObject test = Assert.Single(deployment.OfType("Microsoft.Insights/webtests"));
        JsonNode properties = test["properties"]!;
        Assert.Contains("/api/catalog/licenses/user/assignment/check/?email=nobody%40example.org", (string)properties["Request"]!["RequestUrl"]!, StringComparison.Ordinal);
        Assert.Equal(404, (int)properties["ValidationRules"]!["ExpectedHttpStatusCode"]!);
        Assert.Equal("no_active_assignment", (string)properties["ValidationRules"]!["ContentValidation"]!["ContentMatch"]!);
        Assert.Contains(test["tags"]!.AsObject(), tag => tag.Key.StartsWith("hidden-link:", StringComparison.Ordinal) && (string)tag.Value! == "Resource");
        JsonNode alert = Assert.Single(deployment.OfType(MetricAlert))["properties"]!;
        Assert.Equal((string)test["id"]!, (string)alert["criteria"]!["webTestId"]!);
        Assert.True((int)alert["criteria"]!["failedLocationCount"]! < properties["Locations"]!.AsArray().Count);
    }

    [Fact]
    public async Task Missing_telemetry_raises_an_alert_in_production_only()
    {
        Deployment production = await Deployment.PredictAsync("prod");
        Deployment development = await Deployment.PredictAsync("dev");

        Assert.Contains("Requests == 0", Query(production, "no-telemetry"), StringComparison.Ordinal);
        Assert.DoesNotContain(development.OfType(Rule), rule => (string)rule["name"]! == "no-telemetry");
        Assert.Empty(development.OfType("Microsoft.Insights/webtests"));
    }

    [Fact]
    public async Task A_single_denied_storage_call_raises_an_alert()
    {
        string query = Query(await Deployment.PredictAsync("dev"), "storage-unavailable");

        Assert.Contains("'license_assignments.storage.calls'", query, StringComparison.Ordinal);
        Assert.Contains("tostring(Properties.status) in ('401', '403')", query, StringComparison.Ordinal);
        Assert.Contains("Denied >= 1", query, StringComparison.Ordinal);
    }

    private static string Query(Deployment deployment, string rule) =>
        (string)Assert.Single(deployment.OfType(Rule), each => (string)each["name"]! == rule)["properties"]!["criteria"]!["allOf"]![0]!["query"]!;
}

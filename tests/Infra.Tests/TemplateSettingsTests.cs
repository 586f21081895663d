using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using FunctionsHost;
using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Infra.Tests;

/// <summary>
/// The published app as a first deployment starts it: with the settings and on the tables of the compiled template, as an
/// identity that gets its tokens from a stand-in for Azure.
/// </summary>
public sealed partial class TemplateSettingsTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string Assignment = "/api/catalog/licenses/user/assignment/";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_app_works_with_the_settings_and_tables_of_the_template()
    {
        Deployment deployment = await Deployment.PredictAsync("prod");
        await using AzureStandIn azure = await AzureStandIn.StartAsync(azurite.ConnectionString);
        string site = (string)Assert.Single(deployment.OfType("Microsoft.Web/sites"))["name"]!;
        await using WorkerHost host = await WorkerHost.StartAsync(
            await PublishedApp.FolderAsync(Cancellation), port: 0, Settings(deployment, azure, site), Cancellation);
        using HttpClient client = new() { BaseAddress = host.Address };

        await AssertServesWithoutTablesAsync(client);
        await CreateTablesAsync(deployment);
        await AssertServesTheContractAsync(client);
        Assert.Equal(0, await host.StopAsync());

        AssertReported(azure.Telemetry, site);
        await AssertHasWhatQueriesAskAsync(azure.Telemetry);
    }

    /// <summary>The template's settings, with expressions resolved as in a deployment.</summary>
    private static Dictionary<string, string?> Settings(Deployment deployment, AzureStandIn azure, string site)
    {
        Dictionary<string, string?> settings = azure.Platform(site);
        foreach ((string name, JsonNode? value) in Assert.Single(deployment.OfType("Microsoft.Web/sites/config"))["properties"]!.AsObject())
        {
            string text = (string)value!;
            settings[name] = text.StartsWith('[')
                ? azure.Resolve(name) ?? throw new InvalidOperationException($"The template has a setting that this test does not know: {name}.")
                : text;
        }

        return settings;
    }

    private static async Task AssertServesWithoutTablesAsync(HttpClient client)
    {
        using HttpResponseMessage check = await client.GetAsync($"{Assignment}check/?email=nobody%40example.org", Cancellation);
        Assert.Equal((HttpStatusCode.NotFound, "no_active_assignment"), await CodeAsync(check));
        using HttpResponseMessage keyed = await SendAsync(client, HttpMethod.Delete, "?license_id=1&assignment_id=1", UnknownKey());
        Assert.Equal((HttpStatusCode.Unauthorized, "unauthenticated"), await CodeAsync(keyed));
        using HttpResponseMessage created = await SendAsync(client, HttpMethod.Post, "?license_id=1", UnknownKey(), new { license_id = 1, user_id = 1 });
        Assert.Equal((HttpStatusCode.Unauthorized, "unauthenticated"), await CodeAsync(created));
    }

    /// <summary>The tables of the template, which must be all tables of the code.</summary>
    private async Task CreateTablesAsync(Deployment deployment)
    {
        TableServiceClient tables = new(azurite.ConnectionString);
        string[] declared = [.. deployment.OfType("Microsoft.Storage/storageAccounts/tableServices/tables")
            .Select(table => ((string)table["name"]!).Split('/')[^1]).Order(StringComparer.Ordinal)];
        foreach (string table in declared)
        {
            await tables.CreateTableAsync(table, Cancellation);
        }

        await using ServiceProvider _ = await DirectStorage.OpenAsync(azurite.ConnectionString, prefix: "");
        Assert.Equal(declared, tables.Query(cancellationToken: Cancellation).Select(table => table.Name).Order(StringComparer.Ordinal));
    }

    private async Task AssertServesTheContractAsync(HttpClient client)
    {
        await using ServiceProvider storage = await DirectStorage.OpenAsync(azurite.ConnectionString, prefix: "");
        Platform platform = new("acme", "Acme Inc", Suspended: false);
        Assert.True(await storage.GetRequiredService<PlatformStore>().TryCreateAsync(platform, Cancellation));
        (_, ApiKeySecret secret) = await storage.GetRequiredService<ApiKeyStore>().CreateAsync(platform, "test", expires: null, Cancellation);
        License license = (await storage.GetRequiredService<LicenseStore>()
            .CreateAsync(platform.Key, id: null, "Course", seats: 1, starts: null, expires: null, redirectTo: null, Cancellation))!;
        Assert.True(EmailAddress.TryParse("ada@example.org", out EmailAddress? email));
        User user = Assert.IsType<AddUserOutcome.Added>(await storage.GetRequiredService<UserStore>().AddAsync(platform.Key, id: null, "ada", email, Cancellation)).User;
        User other = Assert.IsType<AddUserOutcome.Added>(await storage.GetRequiredService<UserStore>().AddAsync(platform.Key, id: null, "bob", null, Cancellation)).User;
        string key = secret.Reveal();

        using HttpResponseMessage created = await SendAsync(client, HttpMethod.Post, $"?license_id={license.Id}", key, new { license_id = license.Id, user_id = user.Id });
        Assert.Equal(HttpStatusCode.OK, created.StatusCode);
        long id = (await created.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["id"]!.GetValue<long>();
        using HttpResponseMessage refused = await SendAsync(client, HttpMethod.Post, $"?license_id={license.Id}", key, new { license_id = license.Id, user_id = other.Id });
        Assert.Equal((HttpStatusCode.BadRequest, "seats_exhausted"), await CodeAsync(refused));
        using HttpResponseMessage check = await client.GetAsync($"{Assignment}check/?email=ada%40example.org", Cancellation);
        Assert.Equal(HttpStatusCode.OK, check.StatusCode);
        using HttpResponseMessage deleted = await SendAsync(client, HttpMethod.Delete, $"?license_id={license.Id}&assignment_id={id}", key);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using HttpResponseMessage gone = await client.GetAsync($"{Assignment}check/?email=ada%40example.org", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    /// <summary>Spans, metrics and logs, under the site's name. Only the host may send request records.</summary>
    private static void AssertReported(IReadOnlyCollection<JsonElement> telemetry, string site)
    {
        Assert.Equal(
            ["MessageData", "MetricData", "RemoteDependencyData"],
            telemetry.Select(BaseType).Distinct().Order(StringComparer.Ordinal));
        Assert.All(telemetry, item => Assert.Equal(site, item.GetProperty("tags").GetProperty("ai.cloud.role").GetString()));
        JsonElement[] transactions = [.. telemetry.Where(item => BaseType(item) == "RemoteDependencyData")
            .Select(BaseData).Where(call => call.GetProperty("name").GetString() == "transaction Assignments")];
        Assert.NotEmpty(transactions);
        Assert.All(transactions, call => Assert.Equal("202", call.GetProperty("resultCode").GetString()));
        Assert.Contains(
            telemetry.Where(item => BaseType(item) == "MessageData").Select(BaseData),
            log => log.GetProperty("message").GetString()!.Contains("lacks tables", StringComparison.Ordinal)
                && log.GetProperty("severityLevel").GetString() == "Error");
    }

    /// <summary>A metric or property that is never sent would make alerts useless and charts empty.</summary>
    private static async Task AssertHasWhatQueriesAskAsync(IReadOnlyCollection<JsonElement> telemetry)
    {
        Dictionary<string, HashSet<string>> sent = telemetry.Where(item => BaseType(item) == "MetricData").Select(BaseData)
            .GroupBy(metric => metric.GetProperty("metrics")[0].GetProperty("name").GetString()!, Properties)
            .ToDictionary(metric => metric.Key, metric => metric.SelectMany(names => names).ToHashSet());
        foreach (string query in await QueryTests.QueriesAsync())
        {
            string[] metrics = [.. Metrics().Matches(query).Select(match => match.Value).Where(sent.ContainsKey)];
            Assert.All(
                query.Contains("AppMetrics", StringComparison.Ordinal) ? PropertyNames().Matches(query).Select(match => match.Groups["name"].Value) : [],
                name => Assert.True(metrics.Any(metric => sent[metric].Contains(name)), $"None of {string.Join(", ", metrics)} has {name}:\n{query}"));
        }

        static IEnumerable<string> Properties(JsonElement metric) =>
            metric.TryGetProperty("properties", out JsonElement properties) ? properties.EnumerateObject().Select(property => property.Name) : [];
    }

    private static string BaseType(JsonElement item) => item.GetProperty("data").GetProperty("baseType").GetString()!;

    private static JsonElement BaseData(JsonElement item) => item.GetProperty("data").GetProperty("baseData");

    private static string UnknownKey() => ApiKeySecret.Create().Reveal();

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string query, string key, object? body = null)
    {
        using HttpRequestMessage request = new(method, Assignment + query) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Authorization", $"Api-Key {key}");
        return await client.SendAsync(request, Cancellation);
    }

    private static async Task<(HttpStatusCode, string)> CodeAsync(HttpResponseMessage response) =>
        (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["code"]!.GetValue<string>());

    [GeneratedRegex(@"license_assignments\.[a-z_.]+[a-z]")]
    private static partial Regex Metrics();

    [GeneratedRegex(@"Properties\.(?<name>\w+)")]
    private static partial Regex PropertyNames();
}

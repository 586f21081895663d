using System.Text.Json.Nodes;
using Functions.PublicCheck;
using Licensing.Storage;
using Xunit;

namespace Infra.Tests;

/// <summary>The resources that <c>azd provision</c> would create.</summary>
public sealed class DeploymentTests
{
    private const string StorageAccount = "Microsoft.Storage/storageAccounts";
    private const string App = "Microsoft.Web/sites";

    /// <summary>Parts of other resources, which cannot have tags.</summary>
    private static readonly string[] _parts =
    [
        "Microsoft.Authorization/locks",
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.Insights/diagnosticSettings",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "Microsoft.Storage/storageAccounts/blobServices",
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "Microsoft.Storage/storageAccounts/tableServices",
        "Microsoft.Storage/storageAccounts/tableServices/tables",
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
        "Microsoft.Web/sites/config",
    ];

    /// <summary>The environments with snapshots.</summary>
    public static TheoryData<string> Environments => ["dev", "prod"];

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task Every_environment_matches_its_snapshot(string environment)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        // Written beside the tests, to replace the snapshot if the difference is intended.
        await File.WriteAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, $"{environment}.json"), deployment.Snapshot, TestContext.Current.CancellationToken);
        string kept = await File.ReadAllTextAsync(
            Path.Combine(Bicep.Folder, "snapshots", $"{environment}.json"), TestContext.Current.CancellationToken);
        Assert.Equal(kept, deployment.Snapshot);
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task Storage_rejects_shared_keys_and_public_access_except_from_listed_addresses(string environment)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        JsonObject[] accounts = [.. deployment.OfType(StorageAccount)];
        Assert.Equal(2, accounts.Length);
        Assert.All(accounts, account =>
        {
            JsonNode properties = account["properties"]!;
            Assert.False((bool)properties["allowSharedKeyAccess"]!);
            Assert.False((bool)properties["allowBlobPublicAccess"]!);
            Assert.True((bool)properties["supportsHttpsTrafficOnly"]!);
            Assert.Equal("TLS1_2", (string)properties["minimumTlsVersion"]!);
            Assert.Equal("Deny", (string)properties["networkAcls"]!["defaultAction"]!);
            Assert.Equal("None", (string)properties["networkAcls"]!["bypass"]!);
            Assert.Empty(properties["networkAcls"]!["ipRules"]!.AsArray());
        });
    }

    [Fact]
    public async Task The_app_reaches_storage_through_its_subnet_or_private_endpoints()
    {
        Deployment open = await Deployment.PredictAsync("dev");
        Deployment closed = await Deployment.PredictAsync("dev", "PRIVATE_NETWORK=true");

        string subnet = (string)Assert.Single(open.OfType(App))["properties"]!["virtualNetworkSubnetId"]!;
        Assert.Empty(open.OfType("Microsoft.Network/privateEndpoints"));
        Assert.All(open.OfType(StorageAccount), account =>
        {
            Assert.Equal("Enabled", (string)account["properties"]!["publicNetworkAccess"]!);
            JsonNode rule = Assert.Single(account["properties"]!["networkAcls"]!["virtualNetworkRules"]!.AsArray())!;
            Assert.Equal(subnet, (string)rule["id"]!);
        });

        Assert.Equal(
            ["blob", "table"],
            closed.OfType("Microsoft.Network/privateEndpoints")
                .Select(endpoint => (string)endpoint["properties"]!["privateLinkServiceConnections"]![0]!["properties"]!["groupIds"]![0]!)
                .Order());
        Assert.All(closed.OfType(StorageAccount), account =>
        {
            Assert.Equal("Disabled", (string)account["properties"]!["publicNetworkAccess"]!);
            Assert.Empty(account["properties"]!["networkAcls"]!["virtualNetworkRules"]!.AsArray());
        });
    }

    [Fact]
    public async Task Operators_reach_only_the_data_account_and_only_from_listed_addresses()
    {
        Deployment deployment = await Deployment.PredictAsync("prod", "OPERATOR_ADDRESSES=203.0.113.7,198.51.100.0/24");

        JsonObject assignments = Assert.Single(deployment.OfType(StorageAccount), IsReachable);
        Assert.StartsWith("stdata", (string)assignments["name"]!, StringComparison.Ordinal);
        Assert.Equal(
            ["203.0.113.7", "198.51.100.0/24"],
            assignments["properties"]!["networkAcls"]!["ipRules"]!.AsArray().Select(rule => (string)rule!["value"]!));

        static bool IsReachable(JsonObject account) => (string)account["properties"]!["publicNetworkAccess"]! == "Enabled";
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task The_app_has_three_roles_each_scoped_to_one_resource(string environment)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        (string Role, string Resource)[] roles =
        [
            .. deployment.OfType("Microsoft.Authorization/roleAssignments")
                .Select(assignment => (
                    ((string)assignment["properties"]!["roleDefinitionId"]!).Split('/')[^1],
                    ((string)assignment["id"]!).Split('\'')[1].Split('/')[^1][..6]))
                .Order(),
        ];
        Assert.Equal(
            [
                ("0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "stdata"), // Storage Table Data Contributor
                ("3913510d-42f4-4e42-8a64-420c390055eb", "appi-" + roles[1].Resource[^1]), // Monitoring Metrics Publisher
                ("b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "sthost"), // Storage Blob Data Owner
            ],
            roles);
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task The_app_and_telemetry_disable_password_authentication(string environment)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        Assert.Equal(
            [("ftp", false), ("scm", false)],
            deployment.OfType("Microsoft.Web/sites/basicPublishingCredentialsPolicies")
                .Select(policy => (((string)policy["name"]!).Split('/')[1], (bool)policy["properties"]!["allow"]!))
                .Order());
        Assert.True((bool)Assert.Single(deployment.OfType(App))["properties"]!["httpsOnly"]!);
        Assert.True((bool)Assert.Single(deployment.OfType("Microsoft.Insights/components"))["properties"]!["DisableLocalAuth"]!);
    }

    [Fact]
    public async Task App_setting_names_match_those_read_by_the_code_and_the_host()
    {
        Deployment deployment = await Deployment.PredictAsync("prod");

        JsonObject settings = Assert.Single(deployment.OfType("Microsoft.Web/sites/config"))["properties"]!.AsObject();
        IEnumerable<string> code = [.. Names(TablesOptions.Section, typeof(TablesOptions)), .. Names(PublicCheckOptions.Section, typeof(PublicCheckOptions))];
        string[] host =
        [
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "AzureWebJobsStorage__blobServiceUri",
            "AzureWebJobsStorage__clientId",
            "AzureWebJobsStorage__credential",
        ];
        string[] names = [.. settings.Select(setting => setting.Key)];
        Assert.All(names.Except(host), name => Assert.Contains(name, code));
        Assert.Equal(["Tables__ClientId", "Tables__Endpoint"], names.Where(name => name.StartsWith("Tables__", StringComparison.Ordinal)).Order());
        Assert.DoesNotContain(settings, setting => ((string)setting.Value!).Contains("AccountKey", StringComparison.OrdinalIgnoreCase));

        static IEnumerable<string> Names(string section, Type options) => options.GetProperties().Select(property => $"{section}__{property.Name}");
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task Every_resource_is_tagged_with_its_environment(string environment)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        Assert.All(
            deployment.Resources.Where(resource => !_parts.Contains((string)resource["type"]!)),
            resource => Assert.Equal(environment, (string?)resource["tags"]?["azd-env-name"]));
    }

    [Fact]
    public async Task The_app_is_tagged_with_its_azd_service()
    {
        Deployment deployment = await Deployment.PredictAsync("dev");

        string service = (string)Assert.Single(deployment.OfType(App))["tags"]!["azd-service-name"]!;
        string[] azd = await File.ReadAllLinesAsync(Repository.PathOf("azure.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains($"  {service}:", azd);
    }

    [Fact]
    public async Task Every_alert_is_documented()
    {
        Deployment deployment = await Deployment.PredictAsync("dev");

        string operations = await File.ReadAllTextAsync(Repository.PathOf("docs", "operations.md"), TestContext.Current.CancellationToken);
        Assert.All(
            deployment.OfType("Microsoft.Insights/scheduledQueryRules"),
            alert => Assert.Contains($"`{alert["name"]}`", operations, StringComparison.Ordinal));
    }
}

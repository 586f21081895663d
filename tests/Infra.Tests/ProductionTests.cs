using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Infra.Tests;

/// <summary>The settings of production: zones, updates, locks, backups, limits, outbound traffic.</summary>
public sealed class ProductionTests
{
    private const string StorageAccount = "Microsoft.Storage/storageAccounts";

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task The_site_has_no_settings_that_Flex_Consumption_rejects(string environment)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        JsonObject site = Assert.Single(deployment.OfType("Microsoft.Web/sites"))["properties"]!.AsObject();
        Assert.Equal(
            ["functionAppConfig", "httpsOnly", "serverFarmId", "siteConfig", "virtualNetworkSubnetId"],
            site.Select(property => property.Key).Order(StringComparer.Ordinal));
        Assert.Equal("""{"minTlsVersion":"1.2","scmMinTlsVersion":"1.2"}""", site["siteConfig"]!.ToJsonString());
        Assert.Equal(
            ["reserved", "zoneRedundant"],
            Assert.Single(deployment.OfType("Microsoft.Web/serverfarms"))["properties"]!.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal));
        // Flex Consumption has these in functionAppConfig, and rejects them as app settings.
        JsonObject settings = Assert.Single(deployment.OfType("Microsoft.Web/sites/config"))["properties"]!.AsObject();
        Assert.DoesNotContain(settings, setting => Regex.IsMatch(setting.Key, "^(FUNCTIONS_|WEBSITE_|SCM_|ENABLE_ORYX_BUILD)"));
    }

    [Theory]
    [InlineData("dev", false)]
    [InlineData("prod", true)]
    [InlineData("prod", false, "ZONE_REDUNDANT=false")]
    [InlineData("dev", true, "ZONE_REDUNDANT=true")]
    public async Task Zone_redundancy_covers_the_plan_and_both_accounts_and_can_be_disabled(
        string environment, bool zones, params string[] settings)
    {
        Deployment deployment = await Deployment.PredictAsync(environment, settings);

        Assert.Equal(zones, (bool)Assert.Single(deployment.OfType("Microsoft.Web/serverfarms"))["properties"]!["zoneRedundant"]!);
        JsonObject[] accounts = [.. deployment.OfType(StorageAccount)];
        Assert.Equal(2, accounts.Length);
        Assert.All(accounts, account => Assert.Equal(zones ? "Standard_ZRS" : "Standard_LRS", (string)account["sku"]!["name"]!));
    }

    [Theory]
    [InlineData("dev", "Recreate")]
    [InlineData("prod", "RollingUpdate")]
    public async Task Production_uses_rolling_updates(string environment, string strategy)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        JsonNode config = Assert.Single(deployment.OfType("Microsoft.Web/sites"))["properties"]!["functionAppConfig"]!;
        Assert.Equal(strategy, (string)config["siteUpdateStrategy"]!["type"]!);
    }

    [Fact]
    public async Task The_data_account_in_production_has_a_delete_lock()
    {
        Deployment deployment = await Deployment.PredictAsync("prod");

        JsonObject held = Assert.Single(deployment.OfType("Microsoft.Authorization/locks"));
        Assert.Equal("CanNotDelete", (string)held["properties"]!["level"]!);
        Assert.Contains("/storageAccounts/stdata", (string)held["id"]!, StringComparison.Ordinal);
        Assert.Empty((await Deployment.PredictAsync("dev")).OfType("Microsoft.Authorization/locks"));
    }

    [Fact]
    public async Task Backups_in_production_are_immutable_during_retention()
    {
        Deployment deployment = await Deployment.PredictAsync("prod");

        JsonObject kept = Assert.Single(deployment.OfType(StorageAccount + "/blobServices/containers/immutabilityPolicies"));
        Assert.EndsWith("/default/backups/default", (string)kept["name"]!, StringComparison.Ordinal);
        int days = (int)kept["properties"]!["immutabilityPeriodSinceCreationInDays"]!;
        Assert.Equal(30, days);
        JsonNode rule = Assert.Single(Assert.Single(deployment.OfType(StorageAccount + "/managementPolicies"))["properties"]!["policy"]!["rules"]!.AsArray())!;
        Assert.Equal(["backups/"], rule["definition"]!["filters"]!["prefixMatch"]!.AsArray().Select(prefix => (string)prefix!));
        Assert.True((int)rule["definition"]!["actions"]!["baseBlob"]!["delete"]!["daysAfterCreationGreaterThan"]! >= days);
    }

    [Theory]
    [InlineData("dev", 1)]
    [InlineData("prod", 10)]
    [InlineData("prod", 25, "DAILY_CAP_GB=25")]
    public async Task Logs_have_a_daily_cap(string environment, int gigabytes, params string[] settings)
    {
        Deployment deployment = await Deployment.PredictAsync(environment, settings);

        Assert.Equal(
            gigabytes,
            (int)Assert.Single(deployment.OfType("Microsoft.OperationalInsights/workspaces"))["properties"]!["workspaceCapping"]!["dailyQuotaGb"]!);
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task Every_subnet_declares_its_outbound_access(string environment)
    {
        Deployment deployment = await Deployment.PredictAsync(environment);

        JsonObject network = Assert.Single(deployment.OfType("Microsoft.Network/virtualNetworks"));
        Assert.True(string.CompareOrdinal((string)network["apiVersion"]!, "2025-05-01") >= 0);
        JsonNode[] subnets = [.. network["properties"]!["subnets"]!.AsArray().Select(subnet => subnet!["properties"]!)];
        Assert.All(subnets, subnet => Assert.NotNull(subnet["defaultOutboundAccess"]));
        bool gateway = subnets[0]["natGateway"] is not null;
        Assert.Equal(environment == "prod", gateway);
        Assert.Equal(!gateway, (bool)subnets[0]["defaultOutboundAccess"]!);
        Assert.Equal(gateway ? 1 : 0, deployment.OfType("Microsoft.Network/natGateways").Count());
    }

    [Fact]
    public async Task Only_operators_get_roles_on_the_data_account_and_on_backups()
    {
        const string person = "00000000-0000-0000-0000-0000000000aa";
        Deployment deployment = await Deployment.PredictAsync("prod", $"OPERATOR_IDS={person}");

        Assert.Equal(
            ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"],
            deployment.OfType("Microsoft.Authorization/roleAssignments")
                .Where(role => (string)role["properties"]!["principalId"]! == person)
                .Select(role => ((string)role["properties"]!["roleDefinitionId"]!).Split('/')[^1])
                .Order());
    }
}

using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class SettingsTests(AzuriteFixture azurite)
{
    private static readonly Dictionary<string, string> NoSettings = [];
    private static readonly string[] CreateAcme = ["platform", "create", "acme", "--json"];

    [Fact]
    public async Task Missing_settings_are_reported_with_what_to_set()
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, CreateAcme);

        Assert.Equal(
            new AdminResult(
                3,
                "",
                "No storage is configured: set Tables__Endpoint (https://<account>.table.core.windows.net) or Tables__ConnectionString.\n"),
            result);
    }

    [Fact]
    public async Task Local_settings_select_the_storage()
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, LocalSettings(azurite.NewPrefix()), CreateAcme);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task The_environment_overrides_local_settings()
    {
        string prefix = azurite.NewPrefix();
        Dictionary<string, string> environment = new() { ["Tables__Prefix"] = azurite.NewPrefix() };

        AdminResult there = await AdminProcess.RunAsync(NoSettings, LocalSettings(prefix), CreateAcme);
        AdminResult elsewhere = await AdminProcess.RunAsync(environment, LocalSettings(prefix), CreateAcme);

        Assert.Equal((0, 0), (there.ExitCode, elsewhere.ExitCode));
    }

    [Theory]
    [InlineData("Tables__ConnectionString", "AccountName=ada;AccountKey=c2VjcmV0=;TableEndpoint=https://example.org", "Tables__ConnectionString is not")]
    [InlineData("Tables__ConnectionString", "c2VjcmV0", "Tables__ConnectionString is not")]
    [InlineData("Tables__Endpoint", "http://c2VjcmV0.example.org", "must be an https:// address")]
    [InlineData("Tables__Endpoint", "http://[c2VjcmV0", "Tables__Endpoint is not a URL")]
    public async Task Invalid_settings_are_named_without_their_values(string name, string value, string sentence)
    {
        AdminResult result = await AdminProcess.RunAsync(new Dictionary<string, string> { [name] = value }, CreateAcme);

        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Contains(sentence, Assert.Single(result.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Local_settings_that_are_not_JSON_are_reported()
    {
        AdminResult result = await AdminProcess.RunAsync(NoSettings, "{ \"Values\": ", CreateAcme);

        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("local.settings.json cannot be read", result.Error, StringComparison.Ordinal);
    }

    private string LocalSettings(string prefix) =>
        $$"""{ "IsEncrypted": false, "Values": { "Tables__ConnectionString": "{{azurite.ConnectionString}}", "Tables__Prefix": "{{prefix}}" } }""";
}

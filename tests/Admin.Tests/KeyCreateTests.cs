using System.Text.Json;
using Licensing.ApiKeys;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class KeyCreateTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task The_key_in_the_json_works_for_its_platform()
    {
        await _there.DoneAsync("platform", "create", "acme", "--org", "Acme");

        string output = await _there.DoneAsync("key", "create", "acme", "--name", "enrolment", "--expires", "2100-01-31", "--json");

        using JsonDocument json = JsonDocument.Parse(output);
        string secret = json.RootElement.GetProperty("key").GetString()!;
        Assert.True(ApiKeySecret.TryParse(secret, out ApiKeySecret? parsed));
        Assert.Equal(
            $$"""{"key":"{{secret}}","key_id":"{{parsed.KeyId}}","platform":"acme","org":"Acme","name":"enrolment","expires":"2100-02-01T00:00:00+00:00","platform_key":"acme","platform_org":"Acme"}""" + "\n",
            output);
        ApiKey? key = await _there.Get<ApiKeyStore>().AuthenticateAsync(parsed, TestContext.Current.CancellationToken);
        Assert.Equal(("acme", "Acme", "enrolment"), (key?.Platform, key?.Org, key?.Name));
    }

    [Fact]
    public async Task Name_and_expiry_are_optional()
    {
        await _there.PlatformAsync("acme");

        string output = await _there.DoneAsync("key", "create", "acme", "--json");

        Assert.EndsWith("\"platform\":\"acme\",\"org\":null,\"name\":null,\"expires\":null,\"platform_key\":\"acme\",\"platform_org\":null}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_is_printed_on_its_own_line()
    {
        await _there.PlatformAsync("acme");

        string[] lines = (await _there.DoneAsync("key", "create", "acme")).Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.True(ApiKeySecret.TryParse(lines[1], out ApiKeySecret? secret));
        Assert.Equal($"Created API key {secret.KeyId} of platform acme. Save it now; it cannot be shown again:", lines[0]);
    }

    [Fact]
    public async Task An_unknown_platform_is_rejected()
    {
        await _there.PlatformAsync("acme");

        AdminResult result = await _there.RunAsync("key", "create", "Acme", "--json");

        Assert.Equal(
            new AdminResult(1, "", "Platform Acme does not exist: create it with 'platform create', or check its spelling.\n"),
            result);
    }
}

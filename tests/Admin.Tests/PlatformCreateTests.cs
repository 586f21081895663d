using Licensing.Platforms;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class PlatformCreateTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Creating_a_platform_stores_its_organization_and_creates_the_tables()
    {
        AdminResult result = await _there.RunAsync("platform", "create", "acme", "--org", "Acme Ünits");

        Assert.Equal(new AdminResult(0, "Created platform acme.\n", ""), result);
        Assert.Equal(
            new Platform("acme", "Acme Ünits", Suspended: false),
            await _there.Get<PlatformStore>().FindAsync("acme", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Json_has_the_key_organization_and_suspension()
    {
        string output = await _there.DoneAsync("platform", "create", "acme", "--org", "Acme Ünits", "--json");

        Assert.Equal("""{"platform_key":"acme","platform_org":"Acme Ünits","suspended":false}""" + "\n", output);
    }

    [Fact]
    public async Task Json_has_null_for_a_missing_organization()
    {
        string output = await _there.DoneAsync("platform", "create", "acme", "--json");

        Assert.Equal("""{"platform_key":"acme","platform_org":null,"suspended":false}""" + "\n", output);
    }

    [Fact]
    public async Task A_key_in_use_is_rejected_and_the_existing_platform_is_unchanged()
    {
        await _there.DoneAsync("platform", "create", "acme", "--org", "first");

        AdminResult result = await _there.RunAsync("platform", "create", "acme", "--org", "second", "--json");

        Assert.Equal(new AdminResult(1, "", "Platform acme already exists: use it, or choose another key.\n"), result);
        Assert.Equal("first", (await _there.Get<PlatformStore>().FindAsync("acme", TestContext.Current.CancellationToken))?.Org);
    }

    [Fact]
    public async Task Any_key_of_up_to_128_bytes_is_stored_unchanged()
    {
        string key = "a/b\\c#d?e'[f]%" + new string('é', 57);

        await _there.DoneAsync("platform", "create", key);

        Assert.Equal(key, (await _there.Get<PlatformStore>().FindAsync(key, TestContext.Current.CancellationToken))?.Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\tb")]
    [InlineData("65 times two bytes")]
    public async Task An_empty_or_long_key_or_one_with_control_characters_is_a_usage_error(string key)
    {
        string tried = key.Length > 3 ? new string('é', 65) : key;

        AdminResult result = await _there.RunAsync("platform", "create", tried);

        Assert.Equal(
            new AdminResult(
                2,
                "",
                "<platform> must not be empty, contain control characters, or be longer than 128 bytes in UTF-8.\n"
                + "See 'license-admin platform create --help'.\n"),
            result);
    }
}

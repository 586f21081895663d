using Licensing.Platforms;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class PlatformCreateTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task A_platform_is_stored_with_its_organization_and_the_tables_are_created()
    {
        AdminResult result = await _there.RunAsync("platform", "create", "acme", "--org", "Acme Ünits");

        Assert.Equal(new AdminResult(0, "Created platform acme.\n", ""), result);
        Assert.Equal(
            new Platform("acme", "Acme Ünits", Suspended: false),
            await _there.Get<PlatformStore>().FindAsync("acme", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Json_names_key_organization_and_suspension()
    {
        string output = await _there.DoneAsync("platform", "create", "acme", "--org", "Acme Ünits", "--json");

        Assert.Equal("""{"platform_key":"acme","platform_org":"Acme Ünits","suspended":false}""" + "\n", output);
    }

    [Fact]
    public async Task Json_has_null_for_no_organization()
    {
        string output = await _there.DoneAsync("platform", "create", "acme", "--json");

        Assert.Equal("""{"platform_key":"acme","platform_org":null,"suspended":false}""" + "\n", output);
    }

    [Fact]
    public async Task A_key_that_is_taken_is_refused_and_its_platform_stays_as_it_was()
    {
        await _there.DoneAsync("platform", "create", "acme", "--org", "first");

        AdminResult result = await _there.RunAsync("platform", "create", "acme", "--org", "second", "--json");

        Assert.Equal(new AdminResult(1, "", "Platform acme already exists: use it, or choose another key.\n"), result);
        Assert.Equal("first", (await _there.Get<PlatformStore>().FindAsync("acme", TestContext.Current.CancellationToken))?.Org);
    }

    [Fact]
    public async Task A_key_of_any_letters_up_to_128_bytes_is_stored_unchanged()
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
    public async Task A_key_that_is_empty_or_too_long_or_has_control_characters_is_wrong_usage(string key)
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

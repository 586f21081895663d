using Licensing.Users;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class UserAddTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task A_user_is_found_by_id_and_by_address()
    {
        await _there.PlatformAsync("acme");

        string output = await _there.DoneAsync("user", "add", "acme", "--username", "ada", "--email", "Ada@Example.org", "--id", "5", "--json");

        Assert.Equal("""{"id":5,"platform_key":"acme","username":"ada","email":"Ada@Example.org"}""" + "\n", output);
        Assert.True(EmailAddress.TryParse("ada@example.org", out EmailAddress? address));
        UserStore users = _there.Get<UserStore>();
        User expected = new("acme", 5, "ada", address);
        Assert.Equal(expected, await users.FindAsync("acme", 5, TestContext.Current.CancellationToken));
        Assert.Equal(expected, await users.FindAsync("acme", address, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_user_without_an_address_gets_the_next_id_and_a_null_address()
    {
        await _there.PlatformAsync("acme");

        string output = await _there.DoneAsync("user", "add", "acme", "--username", "@ada", "--json");

        Assert.Equal("""{"id":1,"platform_key":"acme","username":"@ada","email":null}""" + "\n", output);
    }

    [Fact]
    public async Task The_output_has_the_id_and_the_unmodified_name()
    {
        await _there.PlatformAsync("acme");

        string output = await _there.DoneAsync("user", "add", "acme", "--username", "[bold]ada", "--email", "ada@example.org");

        Assert.Equal("Added user 1 ([bold]ada) to platform acme.\n", output);
    }

    [Fact]
    public async Task An_id_in_use_is_rejected()
    {
        await _there.PlatformAsync("acme");
        await _there.DoneAsync("user", "add", "acme", "--username", "ada", "--id", "5");

        AdminResult result = await _there.RunAsync("user", "add", "acme", "--username", "bob", "--id", "5", "--json");

        Assert.Equal(
            new AdminResult(1, "", "User 5 already exists on platform acme: choose another --id, or omit it.\n"),
            result);
    }

    [Fact]
    public async Task An_address_in_use_is_rejected_and_not_echoed()
    {
        await _there.PlatformAsync("acme");
        await _there.UserAsync("ada", "ada@example.org");

        AdminResult result = await _there.RunAsync("user", "add", "acme", "--username", "bob", "--email", "ADA@example.org");

        Assert.Equal(
            new AdminResult(1, "", "Another user of platform acme has this e-mail address: use that user, or pass another address.\n"),
            result);
    }

    [Fact]
    public async Task Two_platforms_may_have_users_with_the_same_address()
    {
        await _there.PlatformAsync("acme");
        await _there.PlatformAsync("beta");
        await _there.UserAsync("ada", "ada@example.org");

        await _there.DoneAsync("user", "add", "beta", "--username", "ada", "--email", "ada@example.org");
    }

    [Fact]
    public async Task An_unknown_platform_is_rejected()
    {
        AdminResult result = await _there.RunAsync("user", "add", "acme", "--username", "ada");

        Assert.Equal(
            new AdminResult(1, "", "Platform acme does not exist: create it with 'platform create', or check its spelling.\n"),
            result);
    }

    [Theory]
    [InlineData("--email", "ada", "--email must be an e-mail address.")]
    [InlineData("--id", "-3", "--id must be a whole number, 1 or more.")]
    [InlineData("--username", " ", "--username must not be empty, contain control characters, or be longer than 256 characters.")]
    public async Task An_out_of_range_value_is_a_usage_error_that_names_the_option(string option, string value, string sentence)
    {
        string[] username = option == "--username" ? [] : ["--username", "ada"];

        AdminResult result = await _there.RunAsync(["user", "add", "acme", option, value, .. username]);

        Assert.Equal(new AdminResult(2, "", $"{sentence}\nSee 'license-admin user add --help'.\n"), result);
    }

    [Fact]
    public async Task A_username_of_257_characters_is_a_usage_error()
    {
        AdminResult result = await _there.RunAsync("user", "add", "acme", "--username", new string('a', 257));

        Assert.Equal(2, result.ExitCode);
    }
}

using Licensing.Licenses;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class LicenseCreateTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task All_options_are_stored_and_printed()
    {
        await _there.PlatformAsync("acme");

        string output = await _there.DoneAsync(
            "license", "create", "acme", "--name", "Algebra [1]", "--id", "42", "--seats", "30",
            "--starts", "2030-01-31", "--expires", "2031-01-31T18:00+02:00", "--redirect-to", "https://learn.example.org/a?b=1&c=2", "--json");

        Assert.Equal(
            """{"id":42,"platform_key":"acme","name":"Algebra [1]","seats":30,"seats_used":0,"active":true,"starts":"2030-01-31T00:00:00+00:00","expires":"2031-01-31T16:00:00+00:00","redirect_to":"https://learn.example.org/a?b=1&c=2"}""" + "\n",
            output);
        Assert.Equal(
            new License(
                "acme",
                42,
                "Algebra [1]",
                Seats: 30,
                Active: true,
                new DateTimeOffset(2030, 1, 31, 0, 0, 0, TimeSpan.Zero),
                new DateTimeOffset(2031, 1, 31, 16, 0, 0, TimeSpan.Zero),
                new Uri("https://learn.example.org/a?b=1&c=2"),
                SeatsUsed: 0,
                Version: 1),
            await _there.Get<LicenseStore>().FindAsync("acme", 42, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("unlimited", "null")]
    [InlineData("0", "0")]
    public async Task Seats_are_a_number_or_unlimited(string seats, string expected)
    {
        await _there.PlatformAsync("acme");

        string output = await _there.DoneAsync("license", "create", "acme", "--name", "Algebra", "--json", "--seats", seats);

        Assert.Equal(
            $$"""{"id":1,"platform_key":"acme","name":"Algebra","seats":{{expected}},"seats_used":0,"active":true,"starts":null,"expires":null,"redirect_to":null}""" + "\n",
            output);
    }

    [Fact]
    public async Task Seats_are_required()
    {
        AdminResult result = await _there.RunAsync("license", "create", "acme", "--name", "Algebra");

        Assert.Equal(new AdminResult(2, "", "Option '--seats' is required.\nSee 'license-admin license create --help'.\n"), result);
    }

    [Fact]
    public async Task Generated_ids_skip_explicit_ones()
    {
        await _there.PlatformAsync("acme");
        await _there.DoneAsync("license", "create", "acme", "--seats", "unlimited", "--name", "Algebra", "--id", "1");

        string output = await _there.DoneAsync("license", "create", "acme", "--seats", "unlimited", "--name", "Botany [red]");

        Assert.Equal("Created license 2 (Botany [red]) of platform acme, seats: unlimited.\n", output);
    }

    [Fact]
    public async Task An_id_in_use_is_rejected()
    {
        await _there.PlatformAsync("acme");
        await _there.DoneAsync("license", "create", "acme", "--seats", "unlimited", "--name", "Algebra", "--id", "7");

        AdminResult result = await _there.RunAsync("license", "create", "acme", "--seats", "unlimited", "--name", "Botany", "--id", "7", "--json");

        Assert.Equal(
            new AdminResult(1, "", "License 7 already exists on platform acme, or was removed: choose another --id, or omit it.\n"),
            result);
    }

    [Fact]
    public async Task An_unknown_platform_is_rejected()
    {
        AdminResult result = await _there.RunAsync("license", "create", "acme", "--seats", "unlimited", "--name", "Algebra");

        Assert.Equal(
            new AdminResult(1, "", "Platform acme does not exist: create it with 'platform create', or check its spelling.\n"),
            result);
    }

    [Theory]
    [InlineData("--id", "0")]
    [InlineData("--id", "9223372036854775808")]
    [InlineData("--seats", "-1")]
    [InlineData("--seats", "many")]
    [InlineData("--starts", "31.01.2030")]
    [InlineData("--expires", "0001-01-01")]
    [InlineData("--redirect-to", "ftp://learn.example.org")]
    [InlineData("--redirect-to", "/algebra")]
    [InlineData("--name", "")]
    public async Task An_out_of_range_value_is_a_usage_error_that_names_the_option(string option, string value)
    {
        string[] name = [.. option == "--name" ? (string[])[] : ["--name", "Algebra"], .. option == "--seats" ? (string[])[] : ["--seats", "1"]];

        AdminResult result = await _there.RunAsync(["license", "create", "acme", option, value, .. name]);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"{option} must ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expiry_before_the_start_is_a_usage_error()
    {
        AdminResult result = await _there.RunAsync(
            "license", "create", "acme", "--seats", "unlimited", "--name", "Algebra", "--starts", "2030-02-01T01:00+01:00", "--expires", "2030-01-31");

        Assert.Equal(new AdminResult(2, "", "--starts must be before --expires.\nSee 'license-admin license create --help'.\n"), result);
    }
}

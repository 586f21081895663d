using System.Text.Json.Nodes;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class ExpiryTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Theory]
    [InlineData("2031-01-01", "2031-01-02T00:00:00+00:00")]
    [InlineData("2031-12-31", "2032-01-01T00:00:00+00:00")]
    [InlineData("9999-12-31", "9999-12-31T23:59:59.9999999+00:00")]
    [InlineData("2031-01-01T00:00", "2031-01-01T00:00:00+00:00")]
    [InlineData("2031-01-01 18:00", "2031-01-01T18:00:00+00:00")]
    [InlineData("2031-01-01t18:00:30z", "2031-01-01T18:00:30+00:00")]
    [InlineData("2031-01-01T18:00:30,123456789+01:00", "2031-01-01T17:00:30.1234567+00:00")]
    [InlineData("2031-01-01 18:00:30.123456789-05:30", "2031-01-01T23:30:30.1234567+00:00")]
    [InlineData("2031-01-01T18:00+0100", "2031-01-01T17:00:00+00:00")]
    [InlineData("2031-01-01T18:00-05", "2031-01-01T23:00:00+00:00")]
    public async Task Common_date_formats_are_accepted_and_a_date_alone_means_the_end_of_that_day(string given, string stored)
    {
        await _there.PlatformAsync("acme");

        string key = await _there.DoneAsync("key", "create", "acme", "--expires", given, "--json");

        Assert.Equal(stored, JsonNode.Parse(key)!["expires"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("2031-02-30")]
    [InlineData("2031-01-01T25:00")]
    [InlineData("2031-01-01T18:00+25:00")]
    [InlineData("2031-01-01T18:00:00.")]
    [InlineData("9999-12-31T23:00-05:00")]
    [InlineData("1.1.2031")]
    [InlineData("٢٠٣١-01-01")]
    public async Task An_invalid_time_is_a_usage_error(string given)
    {
        AdminResult result = await _there.RunAsync("key", "create", "acme", "--expires", given);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("--expires must be an ISO 8601 date or time", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key", "create", "acme")]
    [InlineData("license", "create", "acme", "--name", "Botany", "--seats", "1")]
    [InlineData("license", "update", "acme", "1")]
    public async Task An_expiry_in_the_past_requires_force(params string[] arguments)
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra");

        AdminResult result = await _there.RunAsync([.. arguments, "--expires", "2025-01-01"]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.EndsWith(": 2025-01-02 00:00:00 UTC is in the past. Pass a later --expires, or add --force.\n", result.Error, StringComparison.Ordinal);
        await _there.DoneAsync([.. arguments, "--expires", "2025-01-01", "--force"]);
    }

    [Fact]
    public async Task Lists_show_the_exact_time_that_a_date_means()
    {
        await _there.PlatformAsync("acme");
        await _there.DoneAsync("key", "create", "acme", "--expires", "2031-01-01");
        await _there.DoneAsync("license", "create", "acme", "--name", "Algebra", "--seats", "1", "--starts", "2030-01-01", "--expires", "2031-01-01");

        Assert.Contains("2031-01-02 00:00:00", await _there.DoneAsync("key", "list", "acme"), StringComparison.Ordinal);
        Assert.Contains("2031-01-02 00:00:00", await _there.DoneAsync("license", "list", "acme"), StringComparison.Ordinal);
        string license = await _there.DoneAsync("license", "show", "acme", "1");
        Assert.Contains("2030-01-01 00:00:00", license, StringComparison.Ordinal);
        Assert.Contains("2031-01-02 00:00:00", license, StringComparison.Ordinal);
    }
}

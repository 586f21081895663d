using Licensing;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Verification;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class LicenseTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task License_list_shows_seats_and_a_bar_highlighted_above_90_percent()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 1_000);
        await _there.LicenseAsync("Botany", seats: 1_000);
        await _there.LicenseAsync("Chemistry");
        await _there.DamageAsync("license-0000000000000000001", row => row["SeatsUsed"] = 900L);
        await _there.DamageAsync("license-0000000000000000002", row => row["SeatsUsed"] = 999L);

        string[][] rows = [.. (await _there.DoneAsync("license", "list", "acme"))
            .Split('\n')
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 1)];
        Assert.Equal(["id", "name", "used", "total", "free", "active", "expires"], rows[0]);
        Assert.Equal(["1", "Algebra", "900", "1,000", "100", "█████████░ 90 %", "yes"], rows[1]);
        Assert.Equal(["2", "Botany", "999", "1,000", "1", "█████████░ 99 % !", "yes"], rows[2]);
        Assert.Equal(["3", "Chemistry", "0", "unlimited", "yes"], rows[3]);

        const string Algebra = """{"id":1,"platform_key":"acme","name":"Algebra","seats":1000,"seats_used":900,"active":true,"starts":null,"expires":null,"redirect_to":null}""";
        Assert.StartsWith($"[{Algebra},", await _there.DoneAsync("license", "list", "acme", "--json"), StringComparison.Ordinal);
        Assert.Equal(Algebra + "\n", await _there.DoneAsync("license", "show", "acme", "1", "--json"));
        Assert.Contains("900 used of 1,000", await _there.DoneAsync("license", "show", "acme", "1"), StringComparison.Ordinal);
        Assert.Equal(
            new AdminResult(1, "", "License 9 does not exist on platform acme: check its id.\n"),
            await _there.RunAsync("license", "show", "acme", "9"));
    }

    [Fact]
    public async Task Update_changes_only_the_given_properties()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);

        Assert.Equal(
            """{"id":1,"platform_key":"acme","name":"Algebra II","seats":null,"seats_used":0,"active":false,"starts":"2026-01-01T00:00:00+00:00","expires":"2031-01-02T00:00:00+00:00","redirect_to":"https://example.org/a"}""" + "\n",
            await _there.DoneAsync(
                "license", "update", "acme", "1", "--name", "Algebra II", "--seats", "unlimited", "--active", "false",
                "--starts", "2026-01-01", "--expires", "2031-01-01", "--redirect-to", "https://example.org/a", "--json"));
        Assert.Equal(
            """{"id":1,"platform_key":"acme","name":"Algebra II","seats":null,"seats_used":0,"active":true,"starts":"2026-01-01T00:00:00+00:00","expires":null,"redirect_to":null}""" + "\n",
            await _there.DoneAsync("license", "update", "acme", "1", "--active", "true", "--expires", "none", "--redirect-to", "none", "--json"));

        Assert.Equal(
            new AdminResult(1, "", "License 1 would start after it expires: pass a --starts before --expires.\n"),
            await _there.RunAsync("license", "update", "acme", "1", "--expires", "2025-01-01"));
        Assert.Equal(
            new AdminResult(2, "", "Nothing to change: pass at least one of --name, --seats, --starts, --expires, --active and --redirect-to.\nSee 'license-admin license update --help'.\n"),
            await _there.RunAsync("license", "update", "acme", "1"));
        Assert.Equal(
            new AdminResult(1, "", "License 9 does not exist on platform acme: check its id.\n"),
            await _there.RunAsync("license", "update", "acme", "9", "--seats", "1"));
    }

    [Fact]
    public async Task Reducing_seats_below_those_used_requires_force_and_keeps_assignments()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        await _there.UserAsync("ada");
        await _there.UserAsync("bob");
        await _there.UserAsync("eve");
        await _there.PutAsync(user: 1, license: 1);
        await _there.PutAsync(user: 2, license: 1);

        Assert.Equal(
            new AdminResult(1, "", "License 1 has 2 seats in use, more than 1: free 1 of them first, or pass --force to keep the assignments and refuse new ones until enough seats are free.\n"),
            await _there.RunAsync("license", "update", "acme", "1", "--seats", "1"));
        Assert.Equal(
            "Updated license 1 (Algebra) of platform acme, seats: 2 used of 1.\n",
            await _there.DoneAsync("license", "update", "acme", "1", "--seats", "1", "--force"));

        // An instance that cached the license with a free seat notices the change.
        AssignmentOutcome third = await _there.Get<AssignmentService>().PutAsync(
            new PutAssignment("acme", 1, 3, Email: null, Active: true, Fulfilled: false, Metadata: null, "k1", Guid.NewGuid()),
            TestContext.Current.CancellationToken);
        AssignmentOutcome.Refused refused = Assert.IsType<AssignmentOutcome.Refused>(third);
        Assert.Equal((Refusal.SeatsExhausted, 1, 2), (refused.Refusal, refused.License.Seats, refused.License.SeatsUsed));
        License? license = await _there.Get<LicenseStore>().FindAsync("acme", 1, TestContext.Current.CancellationToken);
        Assert.Equal((1, 2), (license!.Seats, license.SeatsUsed));
        VerificationReport report = await _there.Get<Verifier>().VerifyAsync("acme", repair: false, progress: null, TestContext.Current.CancellationToken);
        Assert.Equal([ViolationCode.SeatsExceeded], report.Violations.Select(violation => violation.Code));
    }
}

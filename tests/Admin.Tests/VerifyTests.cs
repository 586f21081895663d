using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class VerifyTests(AzuriteFixture azurite) : IDisposable
{
    private const string License = "license-0000000000000000001";

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Verify_exits_with_0_and_one_line_for_a_clean_platform()
    {
        await OneAssignmentAsync();
        await _there.PlatformAsync("beta");

        Assert.Equal(
            "acme: clean; licenses 1, users 1, assignments 1 (1 active), changes 1.\n",
            await _there.DoneAsync("verify", "acme"));
        Assert.Equal(
            """
            [{"platform_key":"acme","licenses":1,"users":1,"assignments":1,"active_assignments":1,"changes":1,"violations":[],"repairs":[],"remaining":null},{"platform_key":"beta","licenses":0,"users":0,"assignments":0,"active_assignments":0,"changes":0,"violations":[],"repairs":[],"remaining":null}]

            """,
            await _there.DoneAsync("verify", "--json"));
    }

    [Fact]
    public async Task Verify_exits_with_1_for_violations_and_0_after_repair()
    {
        await OneAssignmentAsync();
        await _there.DamageAsync(License, row => row["SeatsUsed"] = 4L);
        const string Violation = """{"code":"seats_used_wrong","detail":"License 1 counts 4 seats used; its history adds up to 1.","license_id":1,"assignment_id":null,"user_id":null}""";

        Assert.Equal(
            new AdminResult(
                1,
                """
                acme: 1 violation; licenses 1, users 1, assignments 1 (1 active), changes 1.
                  seats_used_wrong License 1 counts 4 seats used; its history adds up to 1.

                """,
                ""),
            await _there.RunAsync("verify", "acme"));
        Assert.Equal(
            "[{\"platform_key\":\"acme\",\"licenses\":1,\"users\":1,\"assignments\":1,\"active_assignments\":1,\"changes\":1,"
            + $"\"violations\":[{Violation}],\"repairs\":[\"Set the seats used of license 1 from 4 to 1.\"],\"remaining\":[]}}]\n",
            await _there.DoneAsync("verify", "--repair", "--json"));
        await _there.DoneAsync("verify");
    }

    [Fact]
    public async Task Verify_exits_with_1_for_violations_it_cannot_repair()
    {
        await OneAssignmentAsync();
        await _there.DamageAsync(License, row => row["Seats"] = 0L);

        AdminResult result = await _there.RunAsync("verify", "acme", "--repair");

        Assert.Equal(
            new AdminResult(
                1,
                """
                acme: 1 violation; licenses 1, users 1, assignments 1 (1 active), changes 1.
                  seats_exceeded License 1 has 0 seats, and 1 is used.
                Remaining:
                  seats_exceeded License 1 has 0 seats, and 1 is used.

                """,
                ""),
            result);
    }

    [Fact]
    public async Task An_unknown_platform_is_rejected()
    {
        await _there.PlatformAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", "Platform beta does not exist: create it with 'platform create', or check its spelling.\n"),
            await _there.RunAsync("verify", "beta", "--json"));
    }

    private async Task OneAssignmentAsync()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 2);
        await _there.UserAsync("ada", "ada@example.org");
        await _there.PutAsync(user: 1, license: 1);
    }
}

using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Verification;
using Xunit;
using static Licensing.Tests.Verification.StoredPlatform;

namespace Licensing.Tests.Verification;

public sealed class SeatsCheckTests
{
    private static readonly string LicenseKey = TableKey.License(1);

    [Fact]
    public async Task A_seat_count_that_differs_from_the_history_is_found_and_corrected()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Active);
        await platform.ChangeAsync(id: 2, user: 2, after: null);
        await platform.EditAsync(LicenseKey, "SeatsUsed", 4L);

        Assert.Equal(
            ["Set the seats used of license 1 from 4 to 1."],
            await platform.RepairsAsync(Wrong("License 1 counts 4 seats used; its history adds up to 1.")));

        Assert.Equal(1, (await platform.LicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task Inactive_and_deleted_assignments_use_no_seat()
    {
        using StoredPlatform platform = await StartAsync(seats: 1);
        await platform.ChangeAsync(id: 1, user: 1, Inactive);
        await platform.ChangeAsync(id: 2, user: 2, Active);
        await platform.ChangeAsync(id: 2, user: 2, after: null);
        await platform.ChangeAsync(id: 3, user: 3, Active);

        await platform.FindsAsync();
    }

    [Fact]
    public async Task An_oversold_license_is_found_and_not_repaired()
    {
        using StoredPlatform platform = await StartAsync(seats: 1);
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Active);

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal([new Violation(Key, "seats_exceeded", "License 1 has 1 seat, and 2 are used.", LicenseId: 1)], report.Violations);
        Assert.Empty(report.Repairs);
    }

    [Fact]
    public async Task A_seat_and_an_allotment_are_counted_in_the_singular()
    {
        using StoredPlatform platform = await StartAsync(seats: 1);
        await platform.EditAsync(LicenseKey, "SeatsUsed", 1L);
        await platform.FindsAsync(Wrong("License 1 counts 1 seat used; its history adds up to 0."));

        await platform.EditAsync(LicenseKey, "SeatsUsed", 0L);
        await platform.EditAsync(LicenseKey, "Allotments", 1L);
        await platform.FindsAsync(new Violation(Key, "allotments_wrong", "License 1 counts 1 allotment and has 0.", LicenseId: 1));
    }

    [Fact]
    public async Task A_repair_decided_before_another_repair_subtracts_nothing()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.EditAsync(LicenseKey, "SeatsUsed", 4L);
        platform.Before($"ge '{LicenseKey}'", () => platform.VerifyAsync(repair: true));

        Assert.Empty(await platform.RepairsAsync(Wrong("License 1 counts 4 seats used; its history adds up to 1.")));

        Assert.Equal(1, (await platform.LicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task An_unlimited_license_is_never_oversold()
    {
        using StoredPlatform platform = await StartAsync(seats: null);
        await platform.ChangeAsync(id: 1, user: 1, Active);

        await platform.FindsAsync();
    }

    [Fact]
    public async Task Free_allotment_seats_are_not_used_and_those_taken_from_it_are()
    {
        using StoredPlatform platform = await StartAsync(seats: 5);
        string allotment = await platform.TakeAllotmentAsync(free: 5);
        for (long id = 1; id <= 3; id++)
        {
            await platform.ChangeAsync(id, user: id, Active, allotment: allotment);
        }

        await platform.FindsAsync();
    }

    [Fact]
    public async Task Repair_keeps_allotments_and_makes_their_owners_reread_the_license()
    {
        using StoredPlatform platform = await StartAsync();
        string allotment = await platform.TakeAllotmentAsync(free: 5);
        await platform.ChangeAsync(id: 1, user: 1, Active, allotment: allotment);
        await platform.EditAsync(LicenseKey, "SeatsUsed", 7L);
        string allotmentKey = TableKey.Allotment(1, allotment);
        Azure.ETag before = (await platform.FindAsync(allotmentKey))!.ETag;
        long version = (await platform.LicenseAsync()).Version;

        Assert.Equal(
            ["Set the seats used of license 1 from 3 to 1."],
            await platform.RepairsAsync(Wrong("License 1 counts 3 seats used; its history adds up to 1.")));

        Assert.Equal((5, 1, version + 1), Counts(await platform.LicenseAsync()));
        Assert.Equal(4, (await platform.FindAsync(allotmentKey))!.GetInt64("Free"));
        Assert.NotEqual(before, (await platform.FindAsync(allotmentKey))!.ETag);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_wrong_number_of_allotments_is_found_and_repaired(long counted)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.TakeAllotmentAsync(free: 5);
        await platform.EditAsync(LicenseKey, "Allotments", counted);

        Assert.Equal(
            [$"Set the allotments of license 1 from {counted} to 1."],
            await platform.RepairsAsync(new Violation(Key, "allotments_wrong", $"License 1 counts {counted} allotments and has 1.", LicenseId: 1)));

        Assert.Equal((5, 1, 3), Counts(await platform.LicenseAsync()));
    }

    [Fact]
    public async Task Free_seats_of_a_lost_allotment_are_recovered_and_taken_ones_stay_used()
    {
        using StoredPlatform platform = await StartAsync();
        string allotment = await platform.TakeAllotmentAsync(free: 5);
        await platform.ChangeAsync(id: 1, user: 1, Active, allotment: allotment);
        await platform.DeleteAsync(TableKey.Allotment(1, allotment));

        Assert.Equal(
            ["Set the seats used of license 1 from 5 to 1."],
            await platform.RepairsAsync(Wrong("License 1 counts 5 seats used; its history adds up to 1.")));

        Assert.Equal((1, 0), ((await platform.LicenseAsync()).SeatsUsed, (await platform.LicenseAsync()).Allotments));
    }

    [Fact]
    public async Task Seats_taken_from_a_folded_allotment_are_used()
    {
        using StoredPlatform platform = await StartAsync();
        string allotment = await platform.TakeAllotmentAsync(free: 5);
        await platform.ChangeAsync(id: 1, user: 1, Active, allotment: allotment);
        await platform.FoldAsync(allotment);

        await platform.FindsAsync();
        Assert.Equal(1, (await platform.LicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task A_leftover_allotment_of_a_removed_license_is_not_a_license()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.TakeAllotmentAsync(free: 5);
        await platform.DeleteAsync(LicenseKey);

        VerificationReport report = await platform.VerifyAsync();

        Assert.Empty(report.Violations);
        Assert.Equal(0, report.Licenses);
    }

    [Fact]
    public async Task The_history_of_a_removed_license_is_ignored()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddLicenseAsync(2);
        await platform.ChangeAsync(id: 1, user: 1, Active, license: 2);
        await platform.ChangeAsync(id: 1, user: 1, after: null, license: 2);
        await platform.DeleteAsync(TableKey.License(2));

        await platform.FindsAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_seat_taken_after_the_license_was_read_is_not_a_violation(bool onAllotment)
    {
        using StoredPlatform platform = await StartAsync();
        string? allotment = onAllotment ? await platform.TakeAllotmentAsync(free: 5) : null;
        await platform.ChangeAsync(id: 1, user: 1, Active, allotment: allotment);
        platform.Before("ge 'history-", () => platform.ChangeAsync(id: 2, user: 2, Active, allotment: allotment));

        await platform.FindsAsync();
    }

    [Fact]
    public async Task An_allotment_seat_taken_after_the_license_was_read_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        platform.Before("ge 'history-", async () =>
        {
            string allotment = await platform.TakeAllotmentAsync(free: 5);
            await platform.ChangeAsync(id: 1, user: 1, Active, allotment: allotment);
        });

        await platform.FindsAsync();
    }

    [Fact]
    public async Task A_seat_taken_during_the_repair_stays_counted()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.EditAsync(LicenseKey, "SeatsUsed", 4L);
        platform.Before("$batch", () => platform.ChangeAsync(id: 2, user: 2, Active));

        Assert.Equal(
            ["Set the seats used of license 1 from 5 to 2."],
            await platform.RepairsAsync(Wrong("License 1 counts 4 seats used; its history adds up to 1.")));

        Assert.Equal(2, (await platform.LicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task A_license_removed_before_its_repair_is_not_recreated()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditAsync(LicenseKey, "SeatsUsed", 4L);
        platform.Before($"ge '{LicenseKey}'", () => platform.DeleteAsync(LicenseKey));

        Assert.Empty(await platform.RepairsAsync(Wrong("License 1 counts 4 seats used; its history adds up to 0.")));

        Assert.Null(await platform.FindAsync(LicenseKey));
    }

    [Fact]
    public async Task A_license_removed_while_licenses_are_read_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        string allotment = await platform.TakeAllotmentAsync(free: 5);
        platform.Before($"ge '{LicenseKey}'", async () =>
        {
            await platform.DeleteAsync(TableKey.Allotment(1, allotment));
            await platform.DeleteAsync(LicenseKey);
        });

        await platform.FindsAsync();
    }

    private static (long SeatsUsed, int Allotments, long Version) Counts(LicenseRow license) =>
        (license.SeatsUsed, license.Allotments, license.Version);

    private static Violation Wrong(string detail) => new(Key, "seats_used_wrong", detail, LicenseId: 1);
}

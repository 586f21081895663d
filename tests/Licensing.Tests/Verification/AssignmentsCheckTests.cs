using Licensing.Storage;
using Licensing.Verification;
using Xunit;
using static Licensing.Tests.Verification.StoredPlatform;

namespace Licensing.Tests.Verification;

public sealed class AssignmentsCheckTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task An_assignment_of_a_missing_user_is_found()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 77, Active);
        await platform.ChangeAsync(id: 3, user: 3, Active);

        await platform.FindsAsync(UserMissing(id: 2, user: 77));
    }

    [Fact]
    public async Task An_assignment_of_a_missing_user_is_found_between_those_of_existing_users()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddUserAsync(9, AddressOf(9));
        await platform.ChangeAsync(id: 1, user: 5, Active);
        await platform.ChangeAsync(id: 2, user: 9, Active);

        await platform.FindsAsync(UserMissing(id: 1, user: 5));
    }

    [Fact]
    public async Task An_assignment_of_a_missing_license_is_found()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddLicenseAsync(2);
        await platform.ChangeAsync(id: 1, user: 1, Active, license: 2);
        await platform.DeleteAsync(TableKey.License(2));

        await platform.FindsAsync(new Violation(
            Key, "license_missing", "Assignment 1 is of license 2, which does not exist.", LicenseId: 2, AssignmentId: 1, UserId: 1));
    }

    [Fact]
    public async Task A_user_added_after_users_were_read_is_not_missing()
    {
        using StoredPlatform platform = await StartAsync();
        platform.Before("ge 'assignment-", async () =>
        {
            await platform.AddUserAsync(4, email: null);
            await platform.ChangeAsync(id: 1, user: 4, Active);
        });

        await platform.FindsAsync();
    }

    [Fact]
    public async Task An_assignment_deleted_with_its_user_during_verification_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddUserAsync(4, email: null);
        await platform.ChangeAsync(id: 1, user: 4, Active);
        platform.Before("ge 'user-", () => platform.DeleteAsync(TableKey.User(4)));
        platform.Before($"RowKey='{TableKey.Assignment(4, 1)}'", () => platform.ChangeAsync(id: 1, user: 4, after: null));

        await platform.FindsAsync();
    }

    [Fact]
    public async Task A_license_created_after_licenses_were_read_is_not_missing()
    {
        using StoredPlatform platform = await StartAsync();
        platform.Before("ge 'history-", async () =>
        {
            await platform.AddLicenseAsync(2);
            await platform.ChangeAsync(id: 1, user: 1, Active, license: 2);
        });

        await platform.FindsAsync();
    }

    [Fact]
    public async Task Fences_are_not_assignments_and_repair_removes_those_older_than_an_hour()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.FenceAsync(user: 7);
        await platform.FenceAsync(user: 8);
        platform.Time.AdvanceToNextTimer(platform.Time.GetUtcNow() + Hour);

        VerificationReport soon = await platform.VerifyAsync(repair: true);
        platform.Time.AdvanceToNextTimer(platform.Time.GetUtcNow().AddTicks(1));
        VerificationReport later = await platform.VerifyAsync(repair: true);

        Assert.Equal((0, 0, 0), (soon.Violations.Count, soon.Repairs.Count, soon.Assignments));
        Assert.Equal(["Removed 2 temporary rows of users who were removed or changed."], later.Repairs);
        Assert.Empty(later.Violations);
        Assert.Null(await platform.FindAsync(TableKey.Assignment(7, 1)));
        Assert.Null(await platform.FindAsync(TableKey.Assignment(8, 1)));
    }

    [Fact]
    public async Task A_fence_placed_within_the_hour_is_kept()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.FenceAsync(user: 7);
        platform.Time.AdvanceToNextTimer(platform.Time.GetUtcNow() + 2 * Hour);
        await platform.FenceAsync(user: 8);

        Assert.Equal(
            ["Removed 1 temporary row of users who were removed or changed."], await platform.RepairsAsync());

        Assert.Null(await platform.FindAsync(TableKey.Assignment(7, 1)));
        Assert.NotNull(await platform.FindAsync(TableKey.Assignment(8, 1)));
    }

    [Fact]
    public async Task A_fence_replaced_by_an_assignment_is_not_removed()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.FenceAsync(user: 1);
        platform.Time.AdvanceToNextTimer(platform.Time.GetUtcNow() + 2 * Hour);
        platform.Before("GET /Directory()", () => platform.ChangeAsync(id: 1, user: 1, Active));

        Assert.Empty(await platform.RepairsAsync());

        Assert.NotNull(await platform.FindAsync(TableKey.Assignment(1, 1)));
    }

    private static Violation UserMissing(long id, long user) =>
        new(Key, "user_missing", $"Assignment {id} is of user {user}, who does not exist.", LicenseId: 1, AssignmentId: id, UserId: user);
}

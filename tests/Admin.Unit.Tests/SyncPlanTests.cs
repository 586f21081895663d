using Admin.Imports;
using Licensing.Assignments;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>What a sync adds, changes and removes.</summary>
public sealed class SyncPlanTests
{
    private static readonly Assignment[] Held = [Of(user: 1), Of(user: 2, active: false), Of(user: 3, fulfilled: true), Of(user: 4)];

    [Fact]
    public void After_a_sync_exactly_the_users_in_the_file_have_assignments()
    {
        SyncPlan plan = Plan([Row(1), Row(2), Row(5), Row(6, active: false)]);

        Assert.Equal([5, 6], plan.Adds.Select(add => add.Value.UserId));
        Assert.Equal([(2, true)], plan.Changes.Select(change => (change.Current.UserId, change.Row.Value.Active)));
        Assert.Equal([3, 4], plan.Removals.Select(removal => removal.UserId));
        Assert.Equal(1, plan.Unchanged);
    }

    [Fact]
    public void Fulfilled_changes_only_if_the_file_specifies_it()
    {
        SyncPlan plan = Plan([Row(1, fulfilled: true), Row(3), Row(4, active: false), Row(2, active: false, fulfilled: false)]);

        Assert.Equal(
            [(1L, true, true), (4L, false, false)],
            plan.Changes.Select(change => (change.Current.UserId, change.Row.Value.Active, change.Row.Value.Fulfilled)));
        Assert.Equal(2, plan.Unchanged);

        Assert.False(Assert.Single(Plan([Row(3, fulfilled: false)]).Changes).Row.Value.Fulfilled);
        Assert.True(Assert.Single(Plan([Row(3, active: false)]).Changes).Row.Value.Fulfilled);
    }

    [Fact]
    public void Add_only_removes_nothing_and_remove_only_adds_and_changes_nothing()
    {
        SyncPlan adding = Plan([Row(2), Row(5)], removes: false);
        Assert.Equal((1, 1, 0), (adding.Adds.Count, adding.Changes.Count, adding.Removals.Count));

        SyncPlan removing = Plan([Row(2), Row(5)], adds: false);
        Assert.Equal((0, 0, 3), (removing.Adds.Count, removing.Changes.Count, removing.Removals.Count));
    }

    [Theory]
    [InlineData(5, true, 1)]
    [InlineData(5, false, 0)]
    [InlineData(2, true, 1)]
    [InlineData(2, false, 0)]
    [InlineData(1, true, 0)]
    [InlineData(1, false, -1)]
    public void A_row_needs_a_seat_only_if_its_user_has_none(long user, bool active, int seats) =>
        Assert.Equal(seats, Plan([Row(user, active)], removes: false).SeatsNeeded);

    [Fact]
    public void Removals_free_the_seats_of_active_assignments()
    {
        Assert.Equal(-3, Plan([]).SeatsNeeded);
        Assert.Equal(-1, Plan([Row(5), Row(6), Row(2, active: false)]).SeatsNeeded);
    }

    private static SyncPlan Plan(IEnumerable<ImportRow<NewAssignment>> rows, bool adds = true, bool removes = true) =>
        SyncPlan.Of(rows, Held, adds, removes);

    private static ImportRow<NewAssignment> Row(long user, bool active = true, bool? fulfilled = null) =>
        new((int)user, new NewAssignment(user, active, fulfilled ?? false, SaysFulfilled: fulfilled is not null), Fault: null, Exists: false);

    private static Assignment Of(long user, bool active = true, bool fulfilled = false) =>
        new("acme", 10 + user, user, LicenseId: 1, new AssignmentState(active, fulfilled, "{}"), Version: 1);
}

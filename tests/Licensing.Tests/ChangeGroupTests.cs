using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

/// <summary>How changes share an entity group transaction.</summary>
[Trait("Speed", "Fast")]
public sealed class ChangeGroupTests
{
    private static readonly AssignmentState Active = new(Active: true, Fulfilled: false, "{}");

    [Fact]
    public void A_failed_action_is_attributed_to_its_change()
    {
        ChangeGroup group = NewGroup();
        Assert.True(Create(group, user: 1));
        Assert.True(Update(group, user: 2));
        Assert.True(Delete(group, user: 3));
        Assert.True(Create(group, user: 4));

        long?[] users = [.. Enumerable.Range(0, group.ToTransaction().Count + 1).Select(index => group.FailedAt(index)?.Member.Change.UserId)];

        Assert.Equal([null, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, null], users);
    }

    [Fact]
    public void An_id_in_use_is_distinguished_from_an_existing_assignment()
    {
        ChangeGroup group = NewGroup();
        Create(group, user: 1);
        Create(group, user: 2);

        Assert.Equal((1L, false), Describe(group.FailedAt(1)));
        Assert.Equal((2L, true), Describe(group.FailedAt(4)));

        static (long UserId, bool IdIsInUse) Describe(ChangeGroup.FailedMember? failed) => (failed!.Member.Change.UserId, failed.IdIsInUse);
    }

    [Fact]
    public void A_group_takes_49_creates_or_33_other_changes()
    {
        ChangeGroup creates = NewGroup();
        ChangeGroup updates = NewGroup();

        Assert.Equal(49, Enumerable.Range(1, 100).TakeWhile(user => Create(creates, user)).Count());
        Assert.Equal(33, Enumerable.Range(1, 100).TakeWhile(user => Update(updates, user)).Count());

        Assert.Equal((99, 100), (creates.ToTransaction().Count, updates.ToTransaction().Count));
    }

    [Fact]
    public void A_group_stays_under_4_MiB_with_any_metadata()
    {
        // The worst case: every character is escaped in storage and again in the request.
        AssignmentState before = Active with { Metadata = Text(32_000) };
        ChangeGroup group = NewGroup();
        long user = 0;
        while (group.TryAdd(Change(++user), Existing(user) with { State = before }, before with { Active = false }))
        {
        }

        Assert.InRange(group.Members.Count, 2, 33);
        Assert.InRange(group.ToTransaction().Sum(action => ((TableEntity)action.Entity).Select(property => property.Value).OfType<string>().Sum(text => 6L * text.Length)), 0, 4 * 1024 * 1024);
    }

    [Fact]
    public void Each_change_writes_its_assignment_history_and_from_version_2_the_first_record()
    {
        ChangeGroup group = NewGroup();
        Create(group, user: 1);
        Update(group, user: 2);
        Delete(group, user: 3);
        PendingChange fenced = Change(user: 4);
        fenced.Fence = new ETag("fence");
        group.TryAdd(fenced, current: null, Active);

        Assert.Equal(
            [
                $"UpdateMerge {TableKey.License(1)} 1",
                $"Add {TableKey.Assignment(1, 1)}",
                $"Add {TableKey.Change(1, 1)}",
                $"UpdateReplace {TableKey.Assignment(2, 1)} *",
                $"Add {TableKey.Change(2, 4)}",
                $"UpdateMerge {TableKey.FirstChange(2)} *",
                $"Delete {TableKey.Assignment(3, 1)} *",
                $"Add {TableKey.Change(3, 4)}",
                $"UpdateMerge {TableKey.FirstChange(3)} *",
                $"UpdateReplace {TableKey.Assignment(4, 1)} fence",
                $"Add {TableKey.Change(4, 1)}",
            ],
            group.ToTransaction().Select(action =>
                $"{action.ActionType} {action.Entity.RowKey}{(action.ActionType == TableTransactionActionType.Add ? "" : $" {action.ETag.ToString().Trim('"')}")}"));
    }

    [Fact]
    public void A_history_record_has_both_states_and_the_row_that_counted_the_seat()
    {
        ChangeGroup group = NewGroup();
        PendingChange create = Change(user: 1);
        group.TryAdd(create, current: null, Active);
        PendingChange update = Change(user: 2);
        group.TryAdd(update, Existing(user: 2), Active with { Fulfilled = true });
        PendingChange delete = Change(user: 3);
        group.TryAdd(delete, Existing(user: 3), wanted: null);

        CounterVersion counter = new(Allotment: null, Version: 2);
        Assert.Equal(
            [
                Record(create, version: 1, before: null, Active, counter),
                Record(update, version: 4, Active, Active with { Fulfilled = true }, counter: null),
                Record(delete, version: 4, Active, after: null, counter),
            ],
            Records(group));
    }

    [Fact]
    public void A_change_increments_the_version_of_its_assignment()
    {
        ChangeGroup group = NewGroup();
        Create(group, user: 1);
        Update(group, user: 2);

        Assert.Equal(
            [new Assignment("p", Id: 1, UserId: 1, LicenseId: 1, Active, Version: 1), Existing(user: 2) with { State = Active with { Active = false }, Version = 4 }],
            group.Members.Select(member => member.After));
        Assert.Equal([1, 2], group.Members.Select(member => member.AssignmentId));
    }

    [Fact]
    public void A_history_record_names_the_allotment_that_counted_the_seat()
    {
        Allotment mine = new("3-here", Free: 8, Version: 5, new ETag("mine"), Written: default);
        LicenseSnapshot snapshot = Snapshot(seats: null, mine);
        ChangeGroup group = new(
            SeatPlan.For(snapshot, new OwnAllotment("3-here", Size: 64), take: null, wantsAll: false, DateTimeOffset.UnixEpoch, Random.Shared), DateTimeOffset.UnixEpoch);
        Create(group, user: 1);

        Assert.Equal(new CounterVersion("3-here", Version: 6), Assert.Single(Records(group)).Counter);
    }

    [Fact]
    public void A_group_that_moves_no_seats_does_not_write_the_license_row()
    {
        ChangeGroup group = NewGroup();
        group.TryAdd(Change(user: 1), Existing(user: 1), Active with { Fulfilled = true });
        group.TryAdd(Change(user: 2), current: null, Active with { Active = false });

        Assert.False(group.MovesSeats);
        Assert.Null(group.SeatMove);
        Assert.Equal([1, 1, 1, 2, 2, null], Enumerable.Range(0, 6).Select(index => group.FailedAt(index)?.Member.Change.UserId));
        Assert.Equal(TableKey.Assignment(1, 1), group.ToTransaction()[0].Entity.RowKey);
    }

    [Fact]
    public void A_group_whose_seats_cancel_out_still_writes_the_license_row()
    {
        ChangeGroup group = NewGroup();
        Create(group, user: 1);
        Delete(group, user: 2);

        Assert.True(group.MovesSeats);
        Assert.Equal(50, group.SeatMove!.Row.SeatsUsed);
    }

    [Fact]
    public void The_next_change_sees_the_seats_left_by_the_group()
    {
        ChangeGroup group = NewGroup(seats: 52);

        Create(group, user: 1);
        Assert.Equal((51, null), (group.License.SeatsUsed, group.License.RefusesSeat(DateTimeOffset.UnixEpoch)));
        Create(group, user: 2);
        Assert.Equal((52, Refusal.SeatsExhausted), (group.License.SeatsUsed, group.License.RefusesSeat(DateTimeOffset.UnixEpoch)));
        Delete(group, user: 3);
        Assert.Equal((51, null), (group.License.SeatsUsed, group.License.RefusesSeat(DateTimeOffset.UnixEpoch)));
    }

    [Fact]
    public void A_missing_reply_makes_all_changes_uncertain()
    {
        ChangeGroup group = NewGroup();
        Create(group, user: 1);
        Create(group, user: 2);

        group.MarkUncertain();

        Assert.All(group.Members, member => Assert.True(member.Change.Uncertain));
    }

    [Fact]
    public void An_oversized_change_gets_a_group_of_its_own()
    {
        AssignmentState huge = Active with { Metadata = Text(400_000) };
        ChangeGroup group = NewGroup();

        Assert.True(group.TryAdd(Change(user: 1), current: null, huge));
        Assert.False(Create(group, user: 2));
        Assert.False(group.Holds(2));
    }

    private static IEnumerable<AssignmentChange> Records(ChangeGroup group) => group.ToTransaction()
        .Where(action => action.ActionType == TableTransactionActionType.Add && action.Entity.RowKey.StartsWith(RowPrefix.Change, StringComparison.Ordinal))
        .Select(action => AssignmentRows.ToChange("p", (TableEntity)action.Entity));

    private static AssignmentChange Record(PendingChange change, long version, AssignmentState? before, AssignmentState? after, CounterVersion? counter) => new(
        "p", change.UserId, version, change.UserId, LicenseId: 1, before, after, counter, DateTimeOffset.UnixEpoch, "key", change.Request.WriteId);

    private static string Text(int length) => new('\u00e9', length);

    private static ChangeGroup NewGroup(long? seats = null) => new(
        SeatPlan.For(Snapshot(seats), own: null, take: null, wantsAll: false, DateTimeOffset.UnixEpoch, Random.Shared), DateTimeOffset.UnixEpoch);

    private static LicenseSnapshot Snapshot(long? seats, params Allotment[] allotments)
    {
        LicenseRow row = new(
            "p", 1, "Course", seats, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 50, allotments.Length, Version: 1);
        return new LicenseSnapshot(row, new ETag("\"1\""), [.. allotments], IsWhole: true, AsOf: 0, UnchangedSince: 0, TermsAsOf: 0);
    }

    private static bool Create(ChangeGroup group, long user) => group.TryAdd(Change(user), current: null, Active);

    private static bool Update(ChangeGroup group, long user) => group.TryAdd(Change(user), Existing(user), Active with { Active = false });

    private static bool Delete(ChangeGroup group, long user) => group.TryAdd(Change(user), Existing(user), wanted: null);

    private static Assignment Existing(long user) => new("p", user, user, LicenseId: 1, Active, Version: 3);

    private static PendingChange Change(long user) => new(
        new PutAssignment("p", LicenseId: 1, user, Email: null, Active: true, Fulfilled: false, Metadata: null, By: "key", Guid.NewGuid()),
        deadline: long.MaxValue)
    {
        UserId = user,
        NewId = user,
    };
}

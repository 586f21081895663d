using System.Collections.Immutable;
using Azure;
using Azure.Data.Tables;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

/// <summary>Which rows count the seats of a group, and their state after it.</summary>
[Trait("Speed", "Fast")]
public sealed class SeatPlanTests
{
    private const string Here = "9-here";

    private static readonly DateTimeOffset Now = new(2026, 9, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly OwnAllotment Own = new(Here, Size: 64);

    [Fact]
    public void Without_a_race_only_the_license_row_counts_seats()
    {
        SeatPlan plan = Plan(Snapshot(seats: 100, used: 10));

        Assert.Equal((90, 1, false, false), (plan.Free, plan.Rows, plan.TakesAllotment, plan.UsesAnothers));
        SeatMove move = plan.Move(3);
        Assert.Equal((13, 0, 8), (move.Row.SeatsUsed, move.Row.Allotments, move.Row.Version));
        Assert.Null(move.Allotment);
        Assert.Equal(["UpdateMerge license license SeatsUsed=13 Version=8"], Describe(move));
    }

    [Fact]
    public void Freed_seats_return_to_the_license_row() =>
        Assert.Equal(8, Plan(Snapshot(seats: 100, used: 10)).Move(-2).Row.SeatsUsed);

    [Fact]
    public void An_allotment_is_taken_together_with_the_license_row()
    {
        SeatPlan plan = Plan(Snapshot(seats: 100, used: 0), take: Own);

        Assert.Equal((100, 2, true), (plan.Free, plan.Rows, plan.TakesAllotment));
        SeatMove move = plan.Move(4);
        Assert.Equal((4 + 12, 1, 8), (move.Row.SeatsUsed, move.Row.Allotments, move.Row.Version));
        Assert.Equal((Here, 12, 1), (move.Allotment!.Name, move.Allotment.Free, move.Allotment.Version));
        Assert.Equal(
            ["UpdateMerge license license SeatsUsed=16 Version=8 Allotments=1", $"Add {Here} new Free=12 Version=1"], Describe(move));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(512, 64)]
    [InlineData(10_000, 64)]
    public void An_allotment_gets_an_eighth_of_the_free_seats_up_to_its_size(int free, int aside)
    {
        SeatMove move = Plan(Snapshot(seats: free + 1, used: 0), take: Own).Move(1);

        Assert.Equal((aside, 1 + aside), (move.Allotment!.Free, move.Row.SeatsUsed));
    }

    [Fact]
    public void Allotments_work_for_unlimited_licenses() =>
        Assert.Equal(64, Plan(Snapshot(seats: null, used: 5), take: Own).Move(1).Allotment!.Free);

    [Fact]
    public void An_allotment_is_empty_when_the_group_exceeds_the_free_seats() =>
        Assert.Equal(0, Plan(Snapshot(seats: 3, used: 0), take: Own).Move(40).Allotment!.Free);

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_license_has_at_most_64_allotments(int others, bool taken)
    {
        LicenseSnapshot whole = Snapshot(seats: 10_000, used: 500, [.. Enumerable.Range(0, others).Select(i => Allotment($"{i:D2}-other", free: 1))]);

        Assert.Equal(taken, Plan(whole with { Allotments = [], IsWhole = false }, take: Own).TakesAllotment);
        Assert.Equal(taken, Plan(whole, take: Own, wantsAll: true).TakesAllotment);
    }

    [Fact]
    public void An_idle_allotment_is_folded_for_a_new_one()
    {
        LicenseSnapshot full = Snapshot(
            seats: 10_000, used: 500, [Allotment("00-other", free: 5, minutesIdle: 6), .. Enumerable.Range(1, 63).Select(i => Allotment($"{i:D2}-other", free: 1))]);

        SeatPlan plan = Plan(full, take: Own, wantsAll: true);

        Assert.True(plan.TakesAllotment);
        Assert.Equal(["00-other"], Names(plan.Folded));
        Assert.Equal(64, plan.Move(1).Row.Allotments);
    }

    [Fact]
    public void At_64_allotments_no_new_one_is_taken_but_an_existing_one_is_refilled()
    {
        Allotment[] inUse = [.. Enumerable.Range(0, 63).Select(i => Allotment($"{i:D2}-other", free: 1)), Allotment(Here, free: 0)];
        Allotment idle = Allotment("99-other", free: 5, minutesIdle: 6);

        SeatPlan theirs = Plan(Snapshot(seats: 10_000, used: 500, [.. inUse, idle]), take: Own with { Name = "10-here" }, wantsAll: true);
        SeatPlan own = Plan(Snapshot(seats: 10_000, used: 500, inUse), own: Own, wantsAll: true);

        Assert.Null(theirs.Own);
        Assert.Equal(["99-other"], Names(theirs.Folded));
        Assert.Equal(Own, own.Own);
    }

    [Fact]
    public void An_instance_with_an_allotment_does_not_write_the_license_row()
    {
        LicenseSnapshot snapshot = Snapshot(seats: 100, used: 20, Allotment(Here, free: 12), Allotment("3-other", free: 7));

        SeatPlan plan = Plan(snapshot, own: Own, take: Own with { Name = "other" });

        Assert.Equal((12, 1, false, false), (plan.Free, plan.Rows, plan.TakesAllotment, plan.UsesAnothers));
        SeatMove move = plan.Move(2);
        Assert.Equal(snapshot.Row, move.Row);
        Assert.Equal((10, 6), (move.Allotment!.Free, move.Allotment.Version));
        Assert.Equal([$"UpdateMerge {Here} {Here} Free=10 Version=6"], Describe(move));
    }

    [Fact]
    public void An_insufficient_allotment_is_refilled_from_the_license()
    {
        LicenseSnapshot snapshot = Snapshot(seats: 100, used: 20, Allotment(Here, free: 3, minutesIdle: 10), Allotment("3-other", free: 7));

        SeatPlan plan = Plan(snapshot, own: Own, take: Own with { Name = "other" }, wantsAll: true);

        Assert.Equal((80, 2, false, 0), (plan.Free, plan.Rows, plan.TakesAllotment, plan.Folded.Length));
        SeatMove move = plan.Move(8);
        Assert.Equal((20 + 8 + 9, 2), (move.Row.SeatsUsed, move.Row.Allotments));
        Assert.Equal((3 + 9, 6), (move.Allotment!.Free, move.Allotment.Version));
        Assert.Equal(
            ["UpdateMerge license license SeatsUsed=37 Version=8 Allotments=2", $"UpdateMerge {Here} {Here} Free=12 Version=6"], Describe(move));
    }

    [Fact]
    public void A_refill_folds_allotments_unused_for_more_than_five_minutes()
    {
        LicenseSnapshot snapshot = Snapshot(
            seats: 100,
            used: 50,
            Allotment("1-other", free: 4, minutesIdle: 5.1),
            Allotment("2-other", free: 6, minutesIdle: 60),
            Allotment("3-other", free: 7, minutesIdle: 5),
            Allotment(Here, free: 0));

        SeatPlan plan = Plan(snapshot, own: Own, wantsAll: true);

        Assert.Equal(["1-other", "2-other"], Names(plan.Folded));
        Assert.Equal((60, 4), (plan.Free, plan.Rows));
        SeatMove move = plan.Move(4);
        Assert.Equal((50 - 10 + 4 + 7, 2), (move.Row.SeatsUsed, move.Row.Allotments));
        Assert.Equal(
            [
                "UpdateMerge license license SeatsUsed=51 Version=8 Allotments=2",
                $"UpdateMerge {Here} {Here} Free=7 Version=6",
                "Delete 1-other 1-other Free=4 Version=5",
                "Delete 2-other 2-other Free=6 Version=5",
            ],
            Describe(move));
    }

    [Fact]
    public void An_instances_own_allotment_is_folded_when_no_other_is_in_use()
    {
        LicenseSnapshot snapshot = Snapshot(seats: 100, used: 50, Allotment("1-other", free: 4, minutesIdle: 6), Allotment(Here, free: 2));

        SeatPlan plan = Plan(snapshot, own: Own, wantsAll: true);

        Assert.Null(plan.Own);
        Assert.Equal(["1-other", Here], Names(plan.Folded));
        Assert.Equal((50 - 6 + 1, 0), (plan.Move(1).Row.SeatsUsed, plan.Move(1).Row.Allotments));
    }

    [Fact]
    public void A_second_allotment_may_be_taken_next_to_the_only_one_in_use()
    {
        SeatPlan plan = Plan(Snapshot(seats: 100, used: 50, Allotment("1-other", free: 4)), take: Own, wantsAll: true);

        Assert.Equal((true, 0), (plan.TakesAllotment, plan.Folded.Length));
    }

    [Fact]
    public void An_instance_uses_its_own_last_seats_before_those_of_others()
    {
        SeatPlan plan = Plan(Snapshot(seats: 50, used: 50, Allotment("1-other", free: 4), Allotment(Here, free: 1)), own: Own, wantsAll: true);

        Assert.Equal((Here, false), (plan.Counter?.Name, plan.UsesAnothers));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_seats_are_taken_from_other_instances_allotments(bool hasOwn)
    {
        Allotment[] others = [Allotment("1-other", free: 4), Allotment("2-other", free: 0), Allotment("3-other", free: 1)];
        LicenseSnapshot snapshot = Snapshot(seats: 50, used: 50, hasOwn ? [.. others, Allotment(Here, free: 0)] : others);

        SeatPlan[] plans = [.. Enumerable.Range(0, 40).Select(seed => Plan(snapshot, hasOwn ? Own : null, hasOwn ? null : Own, wantsAll: true, seed))];

        Assert.All(plans, plan => Assert.True(plan.UsesAnothers));
        // At random, so that instances do not race for the same one.
        Assert.Equal(["1-other", "3-other"], plans.Select(plan => plan.Counter!.Name).Distinct().Order());
    }

    [Fact]
    public void A_plan_without_any_free_seats_is_final()
    {
        SeatPlan own = Plan(Snapshot(seats: 50, used: 50, Allotment("1-other", free: 0), Allotment(Here, free: 0)), own: Own, wantsAll: true);
        SeatPlan none = Plan(Snapshot(seats: 50, used: 50, Allotment("1-other", free: 0)), take: Own, wantsAll: true);
        SeatPlan first = Plan(Snapshot(seats: 50, used: 50), take: Own, wantsAll: true);

        Assert.Equal((Here, 0, true), (own.Counter?.Name, own.Free, own.IsFinal));
        Assert.Equal((null, null, 0, true), (none.Counter, none.Own, none.Free, none.IsFinal));
        Assert.Equal((null, Own, 0, true), (first.Counter, first.Own, first.Free, first.IsFinal));
    }

    [Fact]
    public void An_overused_license_folds_all_known_allotments_and_uses_none()
    {
        LicenseSnapshot whole = Snapshot(seats: 40, used: 50, Allotment("1-other", free: 7), Allotment(Here, free: 8));

        SeatPlan plan = Plan(whole, own: Own);
        SeatPlan ofPart = Plan(whole with { Allotments = whole.Allotments[1..], IsWhole = false }, own: Own);

        Assert.Equal((null, null, 5), (plan.Counter, plan.Own, plan.Free));
        Assert.Equal(["1-other", Here], Names(plan.Folded));
        Assert.Equal((null, null, -10), (ofPart.Counter, ofPart.Own, ofPart.Free));
        Assert.Empty(ofPart.Folded);
    }

    [Fact]
    public void An_allotment_is_usable_when_the_license_has_no_free_seats() =>
        Assert.Equal(Here, Plan(Snapshot(seats: 50, used: 50, Allotment(Here, free: 8)), own: Own).Counter?.Name);

    [Theory]
    // Without allotments, the license row has all seats.
    [InlineData(true, null, false, true)]
    [InlineData(true, 1, false, false)]
    [InlineData(true, 0, false, true)]
    // After all rows were tried.
    [InlineData(true, 1, true, true)]
    // Another allotment may have a seat.
    [InlineData(false, null, false, false)]
    [InlineData(false, 0, false, false)]
    [InlineData(false, 1, true, false)]
    public void A_refusal_requires_that_no_remaining_row_may_have_a_seat(bool isWhole, int? othersFree, bool wantsAll, bool isFinal)
    {
        LicenseSnapshot snapshot = Snapshot(seats: 10, used: othersFree is null ? 5 : 10, othersFree is { } free ? [Allotment("1-other", free)] : []);

        Assert.Equal(isFinal, Plan(snapshot with { IsWhole = isWhole }, wantsAll: wantsAll).IsFinal);
    }

    [Fact]
    public void Folding_an_allotment_returns_its_free_seats_to_the_license()
    {
        LicenseSnapshot snapshot = Snapshot(seats: 100, used: 50, Allotment(Here, free: 8));

        SeatMove move = SeatPlan.Fold(snapshot, snapshot.Allotments[0]).Move(0);

        Assert.Equal(["UpdateMerge license license SeatsUsed=42 Version=8 Allotments=0", $"Delete {Here} {Here} Free=8 Version=5"], Describe(move));
    }

    [Fact]
    public void The_reported_count_excludes_allotments_if_all_are_known()
    {
        LicenseSnapshot snapshot = Snapshot(seats: 100, used: 50, Allotment("1-other", free: 4), Allotment("2-other", free: 6), Allotment(Here, free: 8));

        Assert.Equal(50 - 4 - 6 - 8 + 3, Plan(snapshot, own: Own).Move(3).Counted!.SeatsUsed);
        Assert.Equal(50 - 4 - 6 - 8 + 3, Plan(snapshot).Move(3).Counted!.SeatsUsed);
        Assert.Null(Plan(snapshot with { IsWhole = false }, own: Own).Move(3).Counted);
    }

    [Fact]
    public void A_transaction_on_the_license_row_updates_its_ETag()
    {
        LicenseSnapshot before = Snapshot(seats: 100, used: 50);
        SeatMove move = Plan(before).Move(1);

        Assert.Equal(
            before with { Row = move.Row, ETag = new ETag("new"), AsOf = 77, TermsAsOf = 77 },
            move.ToSnapshot([new ETag("new")], asOf: 77, Now));
    }

    [Fact]
    public void A_transaction_on_an_allotment_updates_only_its_ETag()
    {
        LicenseSnapshot before = Snapshot(seats: 100, used: 50, Allotment("3-other", free: 4), Allotment(Here, free: 8, minutesIdle: 1));
        SeatMove move = Plan(before, own: Own).Move(1);

        LicenseSnapshot after = move.ToSnapshot([new ETag("new")], asOf: 77, Now)!;

        Assert.Equal(
            [before.Allotments[0], new Allotment(Here, Free: 7, Version: 6, new ETag("new"), Now)], after.Allotments);
        Assert.Equal(before with { TermsAsOf = 77 }, after with { Allotments = before.Allotments });
    }

    [Fact]
    public void A_taken_allotment_is_added_in_row_order()
    {
        LicenseSnapshot before = Snapshot(seats: 100, used: 50, Allotment("1-other", free: 4), Allotment("99-other", free: 4));

        LicenseSnapshot after = Plan(before, take: Own).Move(2).ToSnapshot([new ETag("license 2"), new ETag("mine")], asOf: 77, Now)!;

        Assert.Equal(["1-other", Here, "99-other"], Names(after.Allotments));
        Assert.Equal((new ETag("mine"), Now), (after.Allotments[1].ETag, after.Allotments[1].Written));
        Assert.Equal((new ETag("license 2"), true, 10L), (after.ETag, after.IsWhole, after.AsOf));
    }

    [Fact]
    public void A_deleted_allotment_is_removed_from_the_snapshot()
    {
        LicenseSnapshot before = Snapshot(seats: 100, used: 50, Allotment("1-other", free: 4, minutesIdle: 6), Allotment("3-other", free: 4), Allotment(Here, free: 0));

        LicenseSnapshot after = Plan(before, own: Own, wantsAll: true).Move(2).ToSnapshot([new ETag("license 2"), new ETag("mine"), null], asOf: 77, Now)!;

        Assert.Equal(["3-other", Here], Names(after.Allotments));
        Assert.Equal(new ETag("mine"), after.Allotments[1].ETag);
    }

    [Theory]
    [InlineData(null, "mine")]
    [InlineData("license 2", null)]
    [InlineData(null, null)]
    public void A_transaction_without_returned_ETags_gives_no_snapshot(string? license, string? allotment)
    {
        SeatMove move = Plan(Snapshot(seats: 100, used: 50), take: Own).Move(2);

        Assert.Null(move.ToSnapshot([.. new[] { license, allotment }.Select(etag => etag is null ? (ETag?)null : new ETag(etag))], asOf: 77, Now));
    }

    [Fact]
    public void Folding_the_last_allotment_makes_the_snapshot_complete()
    {
        LicenseSnapshot before = Snapshot(seats: 100, used: 50, Allotment(Here, free: 8)) with { IsWhole = false };
        LicenseSnapshot two = before with { Row = before.Row! with { Allotments = 2 } };

        LicenseSnapshot none = SeatPlan.Fold(before, before.Allotments[0]).Move(0).ToSnapshot([new ETag("new"), null], asOf: 77, Now)!;
        LicenseSnapshot one = SeatPlan.Fold(two, two.Allotments[0]).Move(0).ToSnapshot([new ETag("new"), null], asOf: 77, Now)!;

        Assert.Equal((true, 77L, 0), (none.IsWhole, none.AsOf, none.Allotments.Length));
        Assert.Equal((false, 10L, 0), (one.IsWhole, one.AsOf, one.Allotments.Length));
    }

    private static SeatPlan Plan(LicenseSnapshot snapshot, OwnAllotment? own = null, OwnAllotment? take = null, bool wantsAll = false, int seed = 1) =>
        SeatPlan.For(snapshot, own, take, wantsAll, Now, new Random(seed));

    private static LicenseSnapshot Snapshot(long? seats, long used, params Allotment[] allotments) => new(
        new LicenseRow("p", 1, "Course", seats, Active: true, Starts: null, Expires: null, RedirectTo: null, used, allotments.Length, Version: 7),
        new ETag("license"),
        [.. allotments],
        IsWhole: true,
        AsOf: 10,
        UnchangedSince: 20,
        TermsAsOf: 30);

    private static Allotment Allotment(string name, long free, double minutesIdle = 0) =>
        new(name, free, Version: 5, new ETag(name), Now - TimeSpan.FromMinutes(minutesIdle));

    private static IEnumerable<string> Names(ImmutableArray<Allotment> allotments) => allotments.Select(allotment => allotment.Name);

    /// <summary>Describes each action: its type, row, ETag and properties.</summary>
    private static IEnumerable<string> Describe(SeatMove move) => move.ToActions().Select(action =>
    {
        TableEntity entity = (TableEntity)action.Entity;
        string row = TableKey.LicenseIn(entity.RowKey).Allotment ?? "license";
        IEnumerable<string> properties = entity.Where(property => property.Key is not ("PartitionKey" or "RowKey")).Select(property => $"{property.Key}={property.Value}");
        string etag = action.ActionType == TableTransactionActionType.Add ? "new" : action.ETag.ToString();
        return $"{action.ActionType} {row} {etag} {string.Join(' ', properties)}";
    });
}

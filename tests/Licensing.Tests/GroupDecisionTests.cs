using Azure;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Xunit;

namespace Licensing.Tests;

/// <summary>How the queued changes of a license are decided.</summary>
[Trait("Speed", "Fast")]
public sealed class GroupDecisionTests
{
    private const int Now = 1_000;

    private static readonly AssignmentState Active = new(Active: true, Fulfilled: false, "{}");

    private readonly KnownAssignments _known = new();

    [Theory]
    [InlineData(null, null, 100, 100, "LookFirst")]
    // Read before the license is known to be unchanged.
    [InlineData(90, 95, 100, 100, "LookFirst")]
    [InlineData(90, 110, 100, 100, "LookFirst")]
    // Read since then, but the license may have changed meanwhile.
    [InlineData(100, 110, 100, 100, "later")]
    [InlineData(100, 110, 100, 109, "later")]
    // The license was unchanged before and after the read.
    [InlineData(100, 110, 100, 110, "Refused")]
    public void A_refusal_requires_that_the_license_did_not_change_around_the_read_of_the_assignment(
        int? lookBegan, int? lookEnded, int unchangedSince, int asOf, string expected)
    {
        PendingChange change = Create(user: 1);
        change.Look = lookBegan is null ? null : new Look(lookBegan.Value, lookEnded!.Value, Found: null);

        GroupDecision decision = Decide(seats: 0, [change], unchangedSince, asOf);

        Assert.Equal(expected, decision.Replies.Count == 0 ? "later" : NameOf(decision.Replies[0].Reply));
        Assert.Equal(expected == "later", decision.WantsAll);
        Assert.Empty(decision.Group.Members);
    }

    [Fact]
    public void Seats_taken_by_an_uncommitted_group_cause_no_refusal()
    {
        PendingChange refused = Create(user: 2);
        refused.Look = new Look(Began: 10, Ended: 20, Found: null);

        GroupDecision decision = Decide(seats: 1, [Create(user: 1), refused], unchangedSince: 0, asOf: 30);

        Assert.Equal([refused], decision.Later);
        Assert.Empty(decision.Replies);
    }

    [Fact]
    public void A_change_that_cannot_meet_its_deadline_is_rejected_before_it_is_written()
    {
        GroupDecision decision = Decide(seats: null, [Create(user: 1, deadline: Now), Create(user: 2, deadline: Now + 1)]);

        Assert.Equal(1, Assert.Single(decision.TooLate).UserId);
        Assert.Empty(decision.Replies);
        Assert.Equal(2, Assert.Single(decision.Group.Members).Change.UserId);
    }

    [Fact]
    public void A_create_without_an_id_must_read_first_and_the_others_are_written()
    {
        PendingChange thoughtToExist = Create(user: 1);
        thoughtToExist.NewId = null;

        GroupDecision decision = Decide(seats: null, [thoughtToExist, Create(user: 2)]);

        Assert.Equal((thoughtToExist, new WriterReply.LookFirst()), Assert.Single(decision.Replies));
        Assert.Equal(2, Assert.Single(decision.Group.Members).Change.UserId);
    }

    [Fact]
    public void A_groups_deadline_is_the_latest_of_its_callers()
    {
        GroupDecision decision = Decide(seats: null, [Create(user: 1, deadline: Now + 1), Create(user: 2, deadline: Now + 50), Create(user: 3, deadline: Now + 2)]);

        Assert.Equal(Now + 50, decision.Group.Deadline);
    }

    [Fact]
    public void Two_changes_of_an_assignment_go_into_separate_groups()
    {
        PendingChange second = Create(user: 1);

        GroupDecision decision = Decide(seats: null, [Create(user: 1), second]);

        Assert.Equal([second], decision.Later);
    }

    [Fact]
    public void A_change_without_room_in_the_group_waits()
    {
        PendingChange[] changes = [.. Enumerable.Range(1, 60).Select(user => Create(user))];

        GroupDecision decision = Decide(seats: null, changes);

        Assert.True(decision.IsFull);
        Assert.Equal((49, 11), (decision.Group.Members.Count, decision.Later.Count));
    }

    [Fact]
    public void A_cached_assignment_is_read_before_it_is_returned_unchanged()
    {
        _known.Set(new Assignment("p", Id: 7, UserId: 1, LicenseId: 1, Active, Version: 1));
        PendingChange looked = Create(user: 2);
        Assignment found = new("p", Id: 8, UserId: 2, LicenseId: 1, Active, Version: 1);
        looked.Look = new Look(Began: 0, Ended: 0, found);

        GroupDecision decision = Decide(seats: 2, [Create(user: 1), looked]);

        Assert.Equal(["LookFirst", "Saved"], decision.Replies.Select(answer => NameOf(answer.Reply)));
    }

    [Theory]
    // A cached assignment may be deleted without a read: the transaction fails if it no longer exists.
    [InlineData(7L, null, null, "written")]
    // An assignment that is not cached, or is cached with another id, may exist.
    [InlineData(null, null, null, "LookFirst")]
    [InlineData(8L, null, null, "LookFirst")]
    [InlineData(8L, 7L, null, "written")]
    [InlineData(null, 7L, null, "written")]
    [InlineData(null, null, true, "AssignmentNotFound")]
    [InlineData(7L, 8L, null, "AssignmentNotFound")]
    public void A_delete_is_not_found_only_after_a_read(long? remembered, long? found, bool? foundNone, string expected)
    {
        if (remembered is { } id)
        {
            _known.Set(Held(id));
        }

        PendingChange delete = new(new DeleteAssignment("p", LicenseId: 1, AssignmentId: 7, By: "key", Guid.NewGuid()), long.MaxValue)
        {
            UserId = 1,
            Look = found is null && foundNone is null ? null : new Look(Began: 0, Ended: 0, found is { } other ? Held(other) : null),
        };

        GroupDecision decision = Decide(seats: 5, [delete]);

        Assert.Equal(expected, decision.Replies.Count == 0 ? "written" : NameOf(decision.Replies[0].Reply));
        Assert.Equal(expected == "written" ? [(7L, null)] : [], decision.Group.Members.Select(member => (member.AssignmentId, member.After)));

        static Assignment Held(long id) => new("p", id, UserId: 1, LicenseId: 1, Active, Version: 1);
    }

    [Fact]
    public void No_request_is_refused_before_all_allotments_were_read()
    {
        PendingChange change = Create(user: 1);
        change.Look = new Look(Began: 10, Ended: 20, Found: null);
        Allotment other = new("3-other", Free: 1, Version: 1, new ETag("other"), Written: default);

        GroupDecision decision = Decide(seats: 1, [change], asOf: 30, others: other);

        Assert.True(decision.WantsAll);
        Assert.Equal([change], decision.Later);
        Assert.Empty(decision.Replies);
    }

    [Theory]
    [InlineData(3, 2, "remembered")]
    // As after a restore: the read one is in storage.
    [InlineData(2, 2, "found")]
    [InlineData(2, 3, "found")]
    public void A_requests_own_read_is_used_unless_a_newer_version_is_cached(long remembered, long found, string expected)
    {
        _known.Set(new Assignment("p", Id: 7, UserId: 1, LicenseId: 1, Active with { Metadata = "\"remembered\"" }, remembered));
        PendingChange delete = new(new DeleteAssignment("p", LicenseId: 1, AssignmentId: 7, By: "key", Guid.NewGuid()), long.MaxValue)
        {
            UserId = 1,
            Look = new Look(Began: 0, Ended: 0, new Assignment("p", Id: 7, UserId: 1, LicenseId: 1, Active with { Metadata = "\"found\"" }, found)),
        };

        GroupDecision decision = Decide(seats: 5, [delete]);

        Assert.Equal($"\"{expected}\"", Assert.Single(decision.Group.Members).Before?.State.Metadata);
    }

    private static string NameOf(WriterReply reply) => (reply is WriterReply.Settled settled ? (object)settled.Outcome : reply).GetType().Name;

    private GroupDecision Decide(long? seats, PendingChange[] changes, long unchangedSince = 0, long asOf = 0, params Allotment[] others)
    {
        LicenseRow row = new(
            "p", 1, "Course", seats, Active: true, Starts: null, Expires: null, RedirectTo: null, others.Length, others.Length, Version: 1);
        LicenseSnapshot snapshot = new(row, new ETag("\"1\""), [.. others], IsWhole: true, asOf, unchangedSince, asOf);
        SeatPlan plan = SeatPlan.For(snapshot, own: null, take: null, wantsAll: false, DateTimeOffset.UnixEpoch, Random.Shared);
        return new GroupDecision(changes, plan, _known, DateTimeOffset.UnixEpoch, doneBy: Now);
    }

    private static PendingChange Create(long user, long deadline = long.MaxValue) => PendingCreate.Of(license: 1, user, deadline);
}

using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class DecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 9, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly License FiveSeats =
        new("p", 1, "Five", Seats: 5, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Version: 1);

    private static readonly License Full = FiveSeats with { SeatsUsed = 5 };

    [Fact]
    public void A_new_active_assignment_takes_a_free_seat() =>
        Assert.Equal(new Decision.Save(new AssignmentState(true, false, "{}")), Decide(Put(), FiveSeats, null));

    [Fact]
    public void A_new_active_assignment_is_refused_when_no_seat_is_free() =>
        Assert.Equal(new Decision.Refuse(Refusal.SeatsExhausted), Decide(Put(), Full, null));

    [Fact]
    public void An_unlimited_license_always_has_a_seat() =>
        Assert.IsType<Decision.Save>(Decide(Put(), Full with { Seats = null, SeatsUsed = long.MaxValue - 1 }, null));

    [Fact]
    public void A_license_with_no_seats_refuses_seats() =>
        Assert.Equal(new Decision.Refuse(Refusal.SeatsExhausted), Decide(Put(), FiveSeats with { Seats = 0 }, null));

    [Fact]
    public void An_inactive_assignment_needs_no_seat() =>
        Assert.IsType<Decision.Save>(Decide(Put(active: false), Full, null));

    [Fact]
    public void A_user_with_a_seat_is_served_when_the_license_is_full() =>
        Assert.IsType<Decision.Save>(Decide(Put(fulfilled: true), Full, Held()));

    [Fact]
    public void Activating_an_inactive_assignment_needs_a_seat() =>
        Assert.Equal(new Decision.Refuse(Refusal.SeatsExhausted), Decide(Put(), Full, Held(active: false)));

    [Fact]
    public void A_repeated_request_changes_nothing() =>
        Assert.IsType<Decision.Keep>(Decide(Put(metadata: """{"a":1}"""), Full, Held(metadata: """{"a":1}""")));

    [Fact]
    public void Omitted_metadata_keeps_the_stored_metadata() =>
        Assert.Equal(
            new Decision.Save(new AssignmentState(true, true, """{"a":1}""")),
            Decide(Put(fulfilled: true), FiveSeats, Held(metadata: """{"a":1}""")));

    [Fact]
    public void Given_metadata_replaces_the_stored_metadata() =>
        Assert.Equal(
            new Decision.Save(new AssignmentState(true, false, """{"b":2}""")),
            Decide(Put(metadata: """{"b":2}"""), FiveSeats, Held(metadata: """{"a":1}""")));

    [Theory]
    [InlineData(false, null, null, Refusal.LicenseInactive)]
    [InlineData(true, 1, null, Refusal.LicenseNotStarted)]
    [InlineData(true, null, 0, Refusal.LicenseExpired)]
    [InlineData(true, null, -1, Refusal.LicenseExpired)]
    public void An_invalid_license_refuses_new_seats_but_serves_existing_ones(
        bool active, int? startsInHours, int? expiresInHours, Refusal refusal)
    {
        License license = FiveSeats with
        {
            Active = active,
            Starts = startsInHours is { } starts ? Now.AddHours(starts) : null,
            Expires = expiresInHours is { } expires ? Now.AddHours(expires) : null,
        };

        Assert.Equal(new Decision.Refuse(refusal), Decide(Put(), license, null));
        Assert.IsType<Decision.Save>(Decide(Put(fulfilled: true), license, Held()));
        Assert.IsType<Decision.Save>(Decide(Put(active: false), license, null));
        Assert.False(license.IsValid(Now));
    }

    [Fact]
    public void A_license_gives_seats_from_its_start_to_its_expiry_exclusive()
    {
        License license = FiveSeats with { Starts = Now, Expires = Now.AddTicks(1) };

        Assert.IsType<Decision.Save>(Decide(Put(), license, null));
        Assert.True(license.IsValid(Now));
    }

    [Fact]
    public void Deleting_removes_the_assignment_of_that_id() =>
        Assert.IsType<Decision.Remove>(Decide(Delete(id: 7), FiveSeats, Held()));

    [Fact]
    public void Deleting_a_deleted_or_recreated_assignment_finds_nothing()
    {
        Assert.IsType<Decision.NotFound>(Decide(Delete(id: 7), FiveSeats, null));
        Assert.IsType<Decision.NotFound>(Decide(Delete(id: 8), FiveSeats, Held()));
    }

    private static Decision Decide(AssignmentRequest request, License license, Assignment? current) =>
        Decision.For(request, license, current, Now);

    private static PutAssignment Put(bool active = true, bool fulfilled = false, string? metadata = null) =>
        new("p", 1, UserId: 3, Email: null, active, fulfilled, metadata, "key", Guid.NewGuid());

    private static DeleteAssignment Delete(long id) => new("p", 1, id, "key", Guid.NewGuid());

    private static Assignment Held(bool active = true, string metadata = "{}") =>
        new("p", Id: 7, UserId: 3, LicenseId: 1, new AssignmentState(active, false, metadata), Version: 1);
}

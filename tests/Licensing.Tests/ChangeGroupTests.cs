using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
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

        long?[] users = [.. Enumerable.Range(0, group.ToTransaction().Count + 1).Select(index => group.FailedAt(index)?.Change.UserId)];

        Assert.Equal([null, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, null], users);
    }

    [Fact]
    public void An_id_that_is_in_use_is_not_retried()
    {
        ChangeGroup group = NewGroup();
        Create(group, user: 1);
        Create(group, user: 2);

        PendingChange userExists = group.FailedAt(1)!.Change;
        PendingChange idExists = group.FailedAt(4)!.Change;

        Assert.Equal((1, 1L), (userExists.UserId, userExists.NewId));
        Assert.Equal((2, null), (idExists.UserId, idExists.NewId));
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
    public void A_group_of_any_metadata_stays_under_the_limit_of_4_MiB()
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

    private static string Text(int length) => new('\u00e9', length);

    private static ChangeGroup NewGroup()
    {
        License license = new("p", 1, "Course", Seats: null, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 50, Version: 1);
        return new ChangeGroup(new LicenseSnapshot(license, new ETag("\"1\""), AsOf: 0, UnchangedSince: 0), license, DateTimeOffset.UnixEpoch);
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

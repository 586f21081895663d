using Admin.Imports;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>What imports write, also for rows that another caller has changed since they were checked.</summary>
public sealed class WriterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Added_users_never_get_an_id_that_the_file_uses_explicitly()
    {
        await using Storage storage = await Storage.StartAsync();
        UserWriter writer = new(storage.Users, storage.Platform, new HashSet<long> { 1, 2 });

        Assert.Equal(
            [new RowResult.Added(), new RowResult.Added()],
            await writer.AddAsync([New("ada", "ada@example.org"), New("bob", null, id: 2)], triedBefore: false));

        List<User> users = await storage.Users.OfPlatformAsync("acme", Cancellation).ToListAsync(Cancellation);
        Assert.Equal(["ada", "bob"], users.Select(user => user.Username).Order());
        Assert.Equal(2, users.Single(user => user.Username == "bob").Id);
        Assert.True(users.Single(user => user.Username == "ada").Id > 2);
    }

    /// <summary>After a lost reply, an existing user may have been added by the earlier attempt.</summary>
    [Theory]
    [InlineData("ada", "ada@example.org", null)]
    [InlineData("ada", "ada@example.org", 1L)]
    [InlineData("bob", null, 2L)]
    public async Task A_concurrently_added_user_counts_as_existing_or_as_added_by_an_earlier_try(string name, string? email, long? id)
    {
        await using Storage storage = await Storage.StartAsync();
        await storage.UserAsync("ada", "ada@example.org", 1);
        await storage.UserAsync("bob", email: null, 2);
        UserWriter writer = new(storage.Users, storage.Platform, new HashSet<long>());

        Assert.Equal([new RowResult.Existed()], await writer.AddAsync([New(name, email, id)], triedBefore: false));
        Assert.Equal([new RowResult.Added()], await writer.AddAsync([New(name, email, id)], triedBefore: true));
    }

    [Theory]
    [InlineData("other", "ada@example.org", null, "another user was given this e-mail address in the meantime")]
    [InlineData("ada", "ada@example.org", 7L, "another user was given this e-mail address in the meantime")]
    [InlineData("other", null, 2L, "another user was given this id in the meantime")]
    [InlineData("bob", "bob@example.org", 2L, "another user was given this id in the meantime")]
    [InlineData("ada", null, 1L, "another user was given this id in the meantime")]
    public async Task A_row_whose_address_or_id_another_user_got_is_rejected_with_the_reason(string name, string? email, long? id, string fault)
    {
        await using Storage storage = await Storage.StartAsync();
        await storage.UserAsync("ada", "ada@example.org", 1);
        await storage.UserAsync("bob", email: null, 2);
        UserWriter writer = new(storage.Users, storage.Platform, new HashSet<long>());

        foreach (bool triedBefore in new[] { false, true })
        {
            Assert.Equal([new RowResult.Rejected(fault)], await writer.AddAsync([New(name, email, id)], triedBefore));
        }
    }

    [Fact]
    public async Task All_users_of_the_platform_are_loaded()
    {
        await using Storage storage = await Storage.StartAsync();
        User ada = await storage.UserAsync("ada", "ada@example.org");
        User bob = await storage.UserAsync("bob");

        KnownUsers known = await KnownUsers.ReadAsync(storage.Users, "acme", _ => { }, Cancellation);

        Assert.Equal(ada.Id, known.IdOf(AddressHash.Of(ada.Email!)));
        Assert.Equal([true, false], [known.Has(bob.Id), known.Has(99)]);
    }

    [Fact]
    public async Task An_assignment_is_written_as_in_the_row_and_attributed_to_the_administrator()
    {
        await using Storage storage = await Storage.StartAsync();
        License license = await storage.LicenseAsync();
        User ada = await storage.UserAsync("ada");
        AssignmentWriter writer = new(storage.Service, storage.Platform);

        Assert.Equal([new RowResult.Added()], await writer.PutAsync(license.Id, Row(ada, active: false, fulfilled: true), triedBefore: false));
        Assert.Equal([new RowResult.Existed()], await writer.PutAsync(license.Id, Row(ada, active: false, fulfilled: true), triedBefore: false));
        Assert.Equal([new RowResult.Added()], await writer.PutAsync(license.Id, Row(ada, active: false, fulfilled: true), triedBefore: true));

        Assignment assignment = Assert.Single(await storage.Assignments.OfPlatformAsync("acme", Cancellation).ToListAsync(Cancellation));
        Assert.Equal((ada.Id, license.Id, new AssignmentState(Active: false, Fulfilled: true, "{}")), (assignment.UserId, assignment.LicenseId, assignment.State));
    }

    [Fact]
    public async Task A_row_without_a_seat_is_rejected_with_the_reason()
    {
        await using Storage storage = await Storage.StartAsync();
        User ada = await storage.UserAsync("ada");
        AssignmentWriter writer = new(storage.Service, storage.Platform);
        License full = await storage.LicenseAsync(seats: 0);
        License inactive = await storage.LicenseAsync();
        await storage.Licenses.UpdateAsync("acme", inactive.Id, license => license with { Active = false }, Cancellation);
        License ended = await storage.LicenseAsync(expires: DateTimeOffset.UnixEpoch);
        License yetToStart = await storage.LicenseAsync(starts: DateTimeOffset.MaxValue.AddYears(-1_000));

        foreach ((long license, string fault) in new[]
        {
            (full.Id, "no seat was free"),
            (inactive.Id, "the license was deactivated in the meantime"),
            (ended.Id, "the license has expired or has not started"),
            (yetToStart.Id, "the license has expired or has not started"),
            (99, "the user or the license was removed in the meantime"),
        })
        {
            Assert.Equal([new RowResult.Rejected(fault)], await writer.PutAsync(license, Row(ada), triedBefore: false));
        }

        Assert.Equal(
            [new RowResult.Rejected("the user or the license was removed in the meantime")],
            await writer.PutAsync(full.Id, new NewAssignment(99, Active: true, Fulfilled: false, SaysFulfilled: false), triedBefore: false));
    }

    [Fact]
    public async Task An_assignment_is_removed_once()
    {
        await using Storage storage = await Storage.StartAsync();
        License license = await storage.LicenseAsync();
        User ada = await storage.UserAsync("ada");
        AssignmentWriter writer = new(storage.Service, storage.Platform);
        await writer.PutAsync(license.Id, Row(ada), triedBefore: false);
        Assignment assignment = Assert.Single(await storage.Assignments.OfPlatformAsync("acme", Cancellation).ToListAsync(Cancellation));

        Assert.Equal([new RowResult.Added()], await writer.RemoveAsync(assignment));
        Assert.Equal([new RowResult.Existed()], await writer.RemoveAsync(assignment));
        Assert.Empty(await storage.Assignments.OfPlatformAsync("acme", Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_concurrently_suspended_platform_is_not_changed()
    {
        await using Storage storage = await Storage.StartAsync();
        License license = await storage.LicenseAsync();
        User ada = await storage.UserAsync("ada");
        await storage.SuspendAsync();
        AssignmentWriter writer = new(storage.Service, storage.Platform);
        RowResult[] rejected = [new RowResult.Rejected("the platform was suspended in the meantime")];

        Assert.Equal(rejected, await writer.PutAsync(license.Id, Row(ada), triedBefore: false));
        Assert.Equal(rejected, await writer.RemoveAsync(
            new Assignment("acme", 1, ada.Id, license.Id, new AssignmentState(Active: true, Fulfilled: false, "{}"), Version: 1)));
    }

    private static NewUser New(string username, string? email, long? id = null) =>
        new(id, username, email is null ? null : Files.Address(email));

    private static NewAssignment Row(User user, bool active = true, bool fulfilled = false) =>
        new(user.Id, active, fulfilled, SaysFulfilled: true);
}

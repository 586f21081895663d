using Azure.Data.Tables;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Xunit;
using static Licensing.Tests.Verification.StoredPlatform;

namespace Licensing.Tests.Verification;

public sealed class DirectoryCheckTests
{
    private const string State = "State";

    private static readonly string UserKey = TableKey.User(1);
    private static readonly EmailAddress Email = AddressOf(1);

    /// <summary>Where an address was looked up before its normalization changed.</summary>
    private static readonly string OldKey = new('0', 64);

    [Fact]
    public async Task Consistent_users_are_clean_and_verified_without_waiting()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddUserAsync(4, email: null);
        DateTimeOffset before = platform.Time.GetUtcNow();

        await platform.FindsAsync();

        Assert.Equal(before, platform.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_missing_user_row_is_found_and_restored_from_the_directory()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddUserAsync(4, email: null);
        await platform.DeleteAsync(UserKey);

        Assert.Equal(["Restored the row of user 1 from the directory."], await platform.RepairsAsync(Differs()));

        Assert.Equal(("user1", Email.Text), Content(await platform.FindAsync(UserKey)));
    }

    [Fact]
    public async Task A_missing_directory_row_is_found_and_restored()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.DeleteInDirectoryAsync(Email);

        Assert.Equal(["Restored the directory's row of user 1."], await platform.RepairsAsync(Differs()));

        Assert.Equal(("user1", Email.Text), Content(await platform.FindInDirectoryAsync(Email)));
    }

    [Theory]
    [InlineData("Username", "old")]
    [InlineData("Email", "USER1@example.org")]
    public async Task A_directory_row_with_different_content_is_found_and_updated_from_the_user(string property, string value)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, property, value);

        Assert.Equal(["Restored the directory's row of user 1."], await platform.RepairsAsync(Differs()));

        Assert.Equal(("user1", Email.Text), Content(await platform.FindInDirectoryAsync(Email)));
    }

    [Fact]
    public async Task A_directory_row_with_the_wrong_user_is_found_and_corrected()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, "UserId", 2L);

        IReadOnlyList<string> repairs = await platform.RepairsAsync(Differs(1), Differs(2));

        Assert.Equal(["Restored the directory's row of user 1."], repairs);
        Assert.Equal(1, (await platform.FindInDirectoryAsync(Email))!.GetInt64("UserId"));
    }

    [Fact]
    public async Task A_directory_row_for_an_address_its_user_does_not_have_is_found_and_removed()
    {
        using StoredPlatform platform = await StartAsync();
        EmailAddress former = Address("former@example.org");
        await platform.PutInDirectoryAsync(UserDirectory.ToEntity(new User(Key, 1, "user1", former), former));

        Assert.Equal(
            ["Removed a row of the directory that gave user 1 an address that is not theirs."],
            await platform.RepairsAsync(Differs()));

        Assert.Null(await platform.FindInDirectoryAsync(former));
        Assert.Equal(1, (await platform.FindInDirectoryAsync(Email))!.GetInt64("UserId"));
    }

    [Theory]
    [InlineData("Entering")]
    [InlineData("Leaving")]
    public async Task Directory_rows_left_by_an_interrupted_user_change_are_removed(string state)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, State, state);
        await platform.DeleteAsync(UserKey);

        Assert.Equal(
            ["Removed a row of the directory that gave user 1 an address that is not theirs."],
            await platform.RepairsAsync(Differs()));

        Assert.Null(await platform.FindAsync(UserKey));
        Assert.Null(await platform.FindInDirectoryAsync(Email));
    }

    [Theory]
    [InlineData("Entering")]
    [InlineData("Leaving")]
    public async Task A_user_change_interrupted_before_its_last_step_is_completed_and_not_a_violation(string state)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, State, state);
        DateTimeOffset before = platform.Time.GetUtcNow();

        Assert.Equal(["Completed the directory's row of user 1."], await platform.RepairsAsync());

        Assert.Null((await platform.FindInDirectoryAsync(Email))!.GetString(State));
        Assert.Equal(before, platform.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_user_still_being_added_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        EmailAddress email = AddressOf(4);
        User user = new(Key, 4, "user4", email);
        await platform.PutInDirectoryAsync(UserDirectory.ToEntity(user, email, EntryState.Entering));
        platform.WhileWaiting = () => platform.PutAsync(UserRows.ToEntity(user));

        await platform.FindsAsync();
        Assert.NotNull(await platform.FindAsync(TableKey.User(4)));
    }

    [Fact]
    public async Task An_address_change_during_verification_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        EmailAddress next = Address("next@example.org");
        platform.Before("GET /Directory()", async () =>
        {
            await platform.AddUserAsync(1, next);
            await platform.DeleteInDirectoryAsync(Email);
        });
        DateTimeOffset before = platform.Time.GetUtcNow();

        await platform.FindsAsync();

        Assert.Equal(before, platform.Time.GetUtcNow());
    }

    [Fact]
    public async Task An_address_that_moved_to_another_user_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        platform.Before("GET /Directory()", async () =>
        {
            await platform.AddUserAsync(1, email: null);
            await platform.AddUserAsync(4, Email);
        });

        await platform.FindsAsync();
    }

    [Fact]
    public async Task An_invalid_address_is_found_and_kept_but_removed_from_the_directory()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditAsync(UserKey, "Email", "no address");
        await platform.EditInDirectoryAsync(Email, "Email", "no address");
        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal([Invalid(), Misplaced()], report.Violations);
        Assert.Equal(["Removed a row of the directory for user 1 that nothing looks up."], report.Repairs);
        await platform.FindsAsync(Invalid());
        Assert.Null(await platform.FindInDirectoryAsync(Email));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_misplaced_directory_row_is_found_and_moved(bool alsoIsWhereItShould)
    {
        using StoredPlatform platform = await StartAsync();
        TableEntity old = new(await platform.FindInDirectoryAsync(Email)) { PartitionKey = OldKey };
        await platform.PutInDirectoryAsync(old);
        if (!alsoIsWhereItShould)
        {
            await platform.DeleteInDirectoryAsync(Email);
        }

        IReadOnlyList<string> repairs = await platform.RepairsAsync([Misplaced()]);

        Assert.Equal(["Moved the directory's row of user 1 to where its e-mail address is looked up."], repairs);
        Assert.Equal(("user1", Email.Text), Content(await platform.FindInDirectoryAsync(Email)));
    }

    [Fact]
    public async Task A_misplaced_row_for_an_address_its_user_does_not_have_is_removed()
    {
        using StoredPlatform platform = await StartAsync();
        EmailAddress former = Address("former@example.org");
        TableEntity old = UserDirectory.ToEntity(new User(Key, 1, "user1", former), former);
        old.PartitionKey = OldKey;
        await platform.PutInDirectoryAsync(old);

        Assert.Equal(
            ["Removed a row of the directory for user 1 that nothing looks up."],
            (await platform.RepairsAsync(Misplaced())).Take(1));

        Assert.Null(await platform.FindInDirectoryAsync(former));
    }

    [Theory]
    [InlineData("Entering")]
    [InlineData("Leaving")]
    public async Task A_misplaced_row_left_by_a_change_of_a_missing_user_is_removed(string state)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.PutInDirectoryAsync(MisplacedRow(4, AddressOf(4).Text, state));

        Assert.Equal(["Removed a row of the directory for user 4 that nothing looks up."], await platform.RepairsAsync(Misplaced(4)));

        Assert.Null(await platform.FindAsync(TableKey.User(4)));
    }

    [Fact]
    public async Task A_user_is_restored_from_the_only_misplaced_row_with_its_name_and_address()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.PutInDirectoryAsync(MisplacedRow(4, AddressOf(4).Text));

        Assert.Equal(
            ["Restored the row of user 4 from the directory. Moved the directory's row of user 4 to where its e-mail address is looked up."],
            await platform.RepairsAsync(Misplaced(4)));

        Assert.Equal(("user4", AddressOf(4).Text), Content(await platform.FindAsync(TableKey.User(4))));
        Assert.Equal(("user4", AddressOf(4).Text), Content(await platform.FindInDirectoryAsync(AddressOf(4))));
    }

    [Fact]
    public async Task A_user_with_an_invalid_address_is_restored_from_the_only_misplaced_row()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.PutInDirectoryAsync(MisplacedRow(4, "no address"));

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal(
            ["Restored the row of user 4 from the directory. Removed a row of the directory for user 4 that nothing looks up."], report.Repairs);
        Assert.Equal(("user4", "no address"), Content(await platform.FindAsync(TableKey.User(4))));
        await platform.FindsAsync(Invalid(4));
    }

    [Fact]
    public async Task A_lost_user_whose_address_another_user_has_is_restored_and_reported()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.PutInDirectoryAsync(MisplacedRow(4, Email.Text));

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal(
            ["Restored the row of user 4 from the directory. Could not repair user 4: user 1 has the same address in the directory. Give one of them another."],
            report.Repairs);
        Assert.Equal(("user4", Email.Text), Content(await platform.FindAsync(TableKey.User(4))));
        Assert.Equal(1, (await platform.FindInDirectoryAsync(Email))!.GetInt64("UserId"));
    }

    [Fact]
    public async Task A_lost_user_is_restored_from_the_directory_row_rather_than_a_misplaced_one()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.PutInDirectoryAsync(MisplacedRow(1, "former@example.org"));
        await platform.DeleteAsync(UserKey);

        Assert.Equal(
            ["Restored the row of user 1 from the directory. Removed a row of the directory for user 1 that nothing looks up."],
            await platform.RepairsAsync(Misplaced(), Differs()));

        Assert.Equal(("user1", Email.Text), Content(await platform.FindAsync(UserKey)));
    }

    [Fact]
    public async Task A_lost_user_with_several_misplaced_rows_is_not_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        TableEntity other = MisplacedRow(4, "other@example.org");
        other.PartitionKey = new string('1', 64);
        await platform.PutInDirectoryAsync(MisplacedRow(4, AddressOf(4).Text));
        await platform.PutInDirectoryAsync(other);
        const string Advice = "Could not repair user 4: the user's own row is lost, and several rows of table Directory have its id. "
            + "Add the user with 'user add --id 4' and the name and address of the right one, then repair again.";

        Assert.Equal([Advice, Advice], (await platform.VerifyAsync(repair: true)).Repairs);

        await platform.FindsAsync(Misplaced(4), Misplaced(4));
        await platform.AddUserAsync(4, AddressOf(4));
        await platform.RepairsAsync(Misplaced(4), Misplaced(4));
        Assert.Equal(("user4", AddressOf(4).Text), Content(await platform.FindInDirectoryAsync(AddressOf(4))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_valid_address_only_in_the_directory_is_restored_to_the_user(bool isInPlace)
    {
        using StoredPlatform platform = await StartAsync();
        if (!isInPlace)
        {
            await platform.DeleteInDirectoryAsync(Email);
            await platform.PutInDirectoryAsync(MisplacedRow(1, Email.Text));
        }

        await platform.EditAsync(UserKey, "Email", "no address");

        IReadOnlyList<string> repairs = await platform.RepairsAsync(isInPlace ? [Invalid(), Differs()] : [Invalid(), Misplaced()]);

        Assert.StartsWith("Restored the e-mail address of user 1 from the directory.", Assert.Single(repairs), StringComparison.Ordinal);
        Assert.Equal(("user1", Email.Text), Content(await platform.FindAsync(UserKey)));
        Assert.Equal(("user1", Email.Text), Content(await platform.FindInDirectoryAsync(Email)));
    }

    [Fact]
    public async Task A_lost_user_whose_directory_address_another_user_has_is_restored_and_reported()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, "UserId", 4L);
        await platform.EditInDirectoryAsync(Email, "Username", "user4");

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal([Differs(1), Differs(4)], report.Violations);
        Assert.Equal(
            ["Restored the row of user 4 from the directory. Could not repair user 1: user 4 has the same address in the directory. Give one of them another."],
            report.Repairs);
        Assert.Equal(("user4", Email.Text), Content(await platform.FindAsync(TableKey.User(4))));
    }

    [Fact]
    public async Task A_directory_row_with_only_a_wrong_id_is_corrected()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, "UserId", 4L);

        Assert.Equal(["Restored the directory's row of user 1."], await platform.RepairsAsync(Differs(1), Differs(4)));

        Assert.Null(await platform.FindAsync(TableKey.User(4)));
    }

    [Fact]
    public async Task A_misplaced_row_rewritten_since_it_was_read_is_not_removed()
    {
        using StoredPlatform platform = await StartAsync();
        TableEntity old = new(await platform.FindInDirectoryAsync(Email)) { PartitionKey = OldKey };
        await platform.PutInDirectoryAsync(old);
        platform.Before($"RowKey='{UserKey}'", () => platform.PutInDirectoryAsync(old));

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Empty(report.Repairs);
        await platform.FindsAsync(Misplaced());
    }

    [Fact]
    public async Task Two_users_with_one_address_are_reported_and_both_keep_it()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditAsync(TableKey.User(2), "Email", Email.Text);

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal([Differs(2), Differs(2)], report.Violations);
        Assert.Equal(
            [
                "Could not repair user 2: user 1 has the same address in the directory. Give one of them another.",
                "Removed a row of the directory that gave user 2 an address that is not theirs.",
            ],
            report.Repairs);
        await platform.FindsAsync(Differs(2));
        Assert.Equal(1, (await platform.FindInDirectoryAsync(Email))!.GetInt64("UserId"));
    }

    [Fact]
    public async Task Two_users_with_the_same_address_under_a_new_normalization_are_reported()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddUserAsync(4, email: null);
        await platform.EditAsync(TableKey.User(4), "Email", Email.Text);
        TableEntity old = UserDirectory.ToEntity(new User(Key, 4, "user4", Email), Email);
        old.PartitionKey = OldKey;
        await platform.PutInDirectoryAsync(old);

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal([Misplaced(4)], report.Violations);
        Assert.Equal(
            ["Could not repair user 4: user 1 has the same address in the directory. Give one of them another."], report.Repairs);
        await platform.FindsAsync(Differs(4));
    }

    [Fact]
    public async Task A_user_row_added_during_its_repair_is_kept()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.DeleteAsync(UserKey);
        platform.Before("POST /Assignments", () => platform.PutAsync(UserRows.ToEntity(new User(Key, 1, "user1", Email))));

        Assert.Empty(await platform.RepairsAsync(Differs()));
    }

    [Fact]
    public async Task An_orphaned_row_deleted_before_its_repair_is_not_reported_as_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        EmailAddress former = Address("former@example.org");
        await platform.PutInDirectoryAsync(UserDirectory.ToEntity(new User(Key, 1, "user1", former), former));
        // Reads: two for the check, one for the repair.
        platform.Before(Row(former), () => platform.DeleteInDirectoryAsync(former), nth: 3);

        Assert.Empty(await platform.RepairsAsync(Differs()));
    }

    [Fact]
    public async Task An_address_that_moves_to_another_user_during_its_repair_stays_there()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.DeleteInDirectoryAsync(Email);
        // Reads: two for the check, one for the repair, one before the write.
        platform.Before(Row(Email), () => platform.PutInDirectoryAsync(UserDirectory.ToEntity(new User(Key, 4, "user4", Email), Email)), nth: 4);

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Empty(report.Repairs);
        Assert.Equal(4, (await platform.FindInDirectoryAsync(Email))!.GetInt64("UserId"));
    }

    [Fact]
    public async Task A_row_corrected_before_its_repair_is_not_reported_as_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, "UserId", 2L);
        // Reads: two for the check of each user, one for the repair, one before the write.
        platform.Before(Row(Email), () => platform.EditInDirectoryAsync(Email, "UserId", 1L), nth: 6);

        Assert.Empty(await platform.RepairsAsync(Differs(1), Differs(2)));
    }

    [Fact]
    public async Task A_user_change_completed_before_its_repair_is_not_reported_as_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, State, "Entering");
        // Reads: one for the check, one for the repair.
        platform.Before($"RowKey='{UserKey}'", () => platform.AddUserAsync(1, Email), nth: 2);

        Assert.Empty(await platform.RepairsAsync());
    }

    [Fact]
    public async Task A_later_address_change_is_not_reported_as_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.EditInDirectoryAsync(Email, State, "Entering");
        EmailAddress next = Address("next@example.org");
        platform.Before($"RowKey='{UserKey}'", () => platform.AddUserAsync(1, next), nth: 2);

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Empty(report.Repairs);
        Assert.Equal("Entering", (await platform.FindInDirectoryAsync(Email))!.GetString(State));
    }

    private static string Row(EmailAddress email) => $"GET /Directory(PartitionKey='{email.DirectoryKey}'";

    private static (string, string) Content(TableEntity? row) => (row!.GetString("Username"), row.GetString("Email"));

    private static Violation Differs(long user = 1) => new(
        Key, "directory_differs", $"User {user} and the directory's row of the same address do not agree.", UserId: user);

    private static TableEntity MisplacedRow(long user, string address, string? state = null) => new(OldKey, Key)
    {
        ["Platform"] = Key,
        ["UserId"] = user,
        ["Username"] = $"user{user}",
        ["Email"] = address,
        [State] = state,
    };

    private static Violation Invalid(long user = 1) => new(
        Key,
        "address_invalid",
        $"What is stored as the e-mail address of user {user} is not an e-mail address: give the user one with 'user update'.",
        UserId: user);

    private static Violation Misplaced(long user = 1) => new(
        Key, "directory_differs", $"A row of the directory for user {user} is not where its e-mail address is looked up.", UserId: user);
}

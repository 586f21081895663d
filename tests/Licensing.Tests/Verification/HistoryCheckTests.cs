using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Storage;
using Licensing.Verification;
using Xunit;
using static Licensing.Tests.Verification.StoredPlatform;

namespace Licensing.Tests.Verification;

public sealed class HistoryCheckTests
{
    private static readonly AssignmentState Other = Active with { Metadata = """{"a":1}""" };

    [Fact]
    public async Task A_restored_assignment_still_says_that_its_user_has_changed()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.EditAsync(TableKey.Assignment(1, 1), "UserChanged", true);
        await platform.EditAsync(TableKey.Assignment(1, 1), "Fulfilled", true);

        await platform.VerifyAsync(repair: true);

        await platform.FindsAsync();
        Assert.True((await platform.FindAsync(TableKey.Assignment(1, 1)))!.GetBoolean("UserChanged"));
    }

    [Fact]
    public async Task A_history_with_a_missing_record_is_broken_and_its_seats_are_not_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, Inactive);
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.DeleteAsync(TableKey.Change(1, version: 2));

        await FindsUnrepairableAsync(platform, Broken(id: 1, user: 1), SeatsWrong("License 1 counts 1 seat used; its history adds up to 2."));
    }

    [Fact]
    public async Task A_record_that_does_not_follow_the_previous_one_breaks_the_history()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, Other);
        await platform.EditAsync(TableKey.Change(1, version: 2), "BeforeFulfilled", true);

        await FindsUnrepairableAsync(platform, Broken(id: 1, user: 1));
    }

    [Fact]
    public async Task A_missing_first_record_is_one_violation()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, Other);
        await platform.DeleteAsync(TableKey.Change(1, version: 1));

        await FindsUnrepairableAsync(platform, Broken(id: 1, user: 1), SeatsWrong("License 1 counts 1 seat used; its history adds up to 0."));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_without_a_history_record_is_found_and_not_undone(bool deleted)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, deleted ? null : Inactive);
        await platform.DeleteAsync(TableKey.Change(1, version: 2));
        TableEntity? before = await platform.FindAsync(TableKey.Assignment(1, 1));

        await FindsUnrepairableAsync(platform, Broken(id: 1, user: 1), SeatsWrong("License 1 counts 0 seats used; its history adds up to 1."));

        Assert.Equal(before?.ETag, (await platform.FindAsync(TableKey.Assignment(1, 1)))?.ETag);
    }

    [Fact]
    public async Task A_record_with_another_license_breaks_the_history_and_neither_licenses_seats_are_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddLicenseAsync(2);
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, Other);
        await platform.EditAsync(TableKey.Change(1, version: 2), "LicenseId", 2L);
        await platform.EditAsync(TableKey.License(1), "SeatsUsed", 3L);
        await platform.EditAsync(TableKey.License(2), "SeatsUsed", 4L);

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Contains(Broken(id: 1, user: 1, license: 2), report.Violations);
        Assert.Contains(SeatsWrong("License 1 counts 3 seats used; its history adds up to 1."), report.Violations);
        Assert.Equal(3, (await platform.LicenseAsync(1)).SeatsUsed);
        Assert.Equal(4, (await platform.LicenseAsync(2)).SeatsUsed);
    }

    [Fact]
    public async Task A_delete_record_with_another_license_breaks_the_history_and_neither_licenses_seats_are_repaired()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddLicenseAsync(2);
        await platform.ChangeAsync(id: 1, user: 1, Active, license: 2);
        await platform.ChangeAsync(id: 1, user: 1, after: null, license: 2);
        await platform.EditAsync(TableKey.Change(1, version: 2), "LicenseId", 1L);

        await FindsUnrepairableAsync(
            platform,
            Broken(id: 1, user: 1),
            new Violation(Key, "seats_used_wrong", "License 2 counts 0 seats used; its history adds up to 1.", LicenseId: 2));
    }

    [Theory]
    [InlineData("UserId")]
    [InlineData("LicenseId")]
    public async Task A_first_record_with_another_user_or_license_is_one_violation(string property)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Inactive);
        await platform.ChangeAsync(id: 2, user: 2, Inactive with { Fulfilled = true });
        await platform.EditAsync(TableKey.FirstChange(2), property, 77L);

        await FindsUnrepairableAsync(platform, Broken(id: 2, user: 2));
    }

    [Fact]
    public async Task A_record_with_another_assignments_user_does_not_affect_that_assignment()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Inactive);
        await platform.ChangeAsync(id: 2, user: 2, Inactive with { Fulfilled = true });
        await platform.EditAsync(TableKey.FirstChange(2), "UserId", 1L);
        await platform.DeleteAsync(TableKey.Assignment(2, 1));

        await FindsUnrepairableAsync(platform, Broken(id: 2, user: 2));
    }

    [Fact]
    public async Task The_end_of_a_history_with_a_gap_is_still_restored()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Inactive);
        await platform.ChangeAsync(id: 1, user: 1, Inactive with { Fulfilled = true });
        await platform.ChangeAsync(id: 1, user: 1, Inactive);
        await platform.DeleteAsync(TableKey.Change(1, version: 2));
        await platform.DeleteAsync(TableKey.Assignment(1, 1));

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Equal([Broken(id: 1, user: 1), Differs(id: 1, user: 1)], report.Violations);
        Assert.Equal(["Restored assignment 1 from its history, version 3."], report.Repairs);
        await platform.FindsAsync(Broken(id: 1, user: 1));
    }

    [Theory]
    [InlineData("Metadata", """{"forged":true}""")]
    [InlineData("Active", false)]
    [InlineData("Fulfilled", true)]
    [InlineData("Version", 9L)]
    public async Task A_row_that_differs_from_its_history_is_found_and_restored(string property, object value)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, Other);
        Dictionary<string, object> before = await ContentAsync(platform, TableKey.Assignment(1, 1));
        await platform.EditAsync(TableKey.Assignment(1, 1), property, value);

        Assert.Equal(["Restored assignment 1 from its history, version 2."], await platform.RepairsAsync(Differs(id: 1, user: 1)));

        Assert.Equal(before, await ContentAsync(platform, TableKey.Assignment(1, 1)));
    }

    [Fact]
    public async Task A_missing_row_is_found_and_restored()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Other);
        Dictionary<string, object> before = await ContentAsync(platform, TableKey.Assignment(1, 1));
        await platform.DeleteAsync(TableKey.Assignment(1, 1));

        Assert.Equal(["Restored assignment 1 from its history, version 1."], await platform.RepairsAsync(Differs(id: 1, user: 1)));

        Assert.Equal(before, await ContentAsync(platform, TableKey.Assignment(1, 1)));
    }

    [Fact]
    public async Task The_row_of_a_deleted_assignment_is_found_and_removed()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        TableEntity row = (await platform.FindAsync(TableKey.Assignment(1, 1)))!;
        await platform.ChangeAsync(id: 1, user: 1, after: null);
        await platform.PutAsync(row);

        Assert.Equal(["Removed assignment 1, which its history says was deleted."], await platform.RepairsAsync(Differs(id: 1, user: 1)));

        Assert.Null(await platform.FindAsync(TableKey.Assignment(1, 1)));
    }

    [Theory]
    [InlineData("Version", 1L)]
    [InlineData("Metadata", "{}")]
    [InlineData("Active", false)]
    public async Task A_first_record_that_differs_from_the_current_state_is_restored(string property, object value)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, Other);
        Dictionary<string, object> before = await ContentAsync(platform, TableKey.FirstChange(1));
        await platform.EditAsync(TableKey.FirstChange(1), property, value);

        Assert.Equal(["Restored assignment 1 from its history, version 2."], await platform.RepairsAsync(Differs(id: 1, user: 1)));

        Assert.Equal(before, await ContentAsync(platform, TableKey.FirstChange(1)));
    }

    [Fact]
    public async Task A_first_record_wrongly_marked_as_deleted_is_restored()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.EditAsync(TableKey.FirstChange(1), "DeletedBy", Guid.NewGuid());

        Assert.Equal(["Restored assignment 1 from its history, version 1."], await platform.RepairsAsync(Differs(id: 1, user: 1)));
    }

    [Fact]
    public async Task A_deleted_assignments_first_record_is_restored_and_the_recreated_assignment_is_kept()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 1, user: 1, after: null);
        await platform.ChangeAsync(id: 2, user: 1, Other);
        await platform.EditAsync(TableKey.FirstChange(1), "DeletedBy", Guid.NewGuid());
        Dictionary<string, object> before = await ContentAsync(platform, TableKey.Assignment(1, 1));

        Assert.Equal(["Removed assignment 1, which its history says was deleted."], await platform.RepairsAsync(Differs(id: 1, user: 1)));

        Assert.Equal(before, await ContentAsync(platform, TableKey.Assignment(1, 1)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2_000_000_000)]
    public async Task A_row_with_a_wrong_id_is_restored_and_does_not_advance_the_sequence(long id)
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Active);
        await platform.EditAsync(TableKey.Assignment(1, 1), "Id", id);

        Assert.Equal(
            ["Restored assignment 1 from its history, version 1."],
            await platform.RepairsAsync(Missing(id, user: 1), Differs(id: 1, user: 1)));
    }

    [Fact]
    public async Task A_row_without_a_history_is_found_and_keeps_its_id_in_use_and_seats_unrepaired()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 5, user: 2, Active);
        await platform.DeleteAsync(TableKey.FirstChange(5));
        await platform.EditAsync(TableKey.Sequence(IdKind.Assignment), IdSequence.Next, 2L);

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Violation[] remaining = [Missing(id: 5, user: 2), SeatsWrong("License 1 counts 2 seats used; its history adds up to 1.")];
        Assert.Equal(
            [remaining[0], new Violation(Key, "sequence_behind", "The next assignment id would be 2, and 5 is in use."), remaining[1]],
            report.Violations);
        Assert.Equal(["Set the next assignment id to 6."], report.Repairs);
        await platform.FindsAsync(remaining);
    }

    [Fact]
    public async Task A_row_without_a_history_does_not_move_the_sequence_back()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Inactive);
        await platform.ChangeAsync(id: 2, user: 2, Inactive);
        await platform.DeleteAsync(TableKey.FirstChange(1));
        await platform.EditAsync(TableKey.Sequence(IdKind.Assignment), IdSequence.Next, 2L);

        await platform.FindsAsync(
            Missing(id: 1, user: 1), new Violation(Key, "sequence_behind", "The next assignment id would be 2, and 2 is in use."));
    }

    [Fact]
    public async Task A_fence_is_not_mistaken_for_an_assignment_when_rows_are_rechecked()
    {
        // The fence has no id, so it would be rechecked together with assignments in the bucket of id 0.
        Pairing zero = new();
        zero.AddLeft(0, "");
        long id = Enumerable.Range(1, 10_000_000).First(key => zero.IsSuspect(key));
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id, user: 1, Active);
        await platform.FenceAsync(user: 2);
        await platform.EditAsync(TableKey.Assignment(1, 1), "Fulfilled", true);

        await platform.FindsAsync(Differs(id, user: 1));
    }

    [Fact]
    public async Task An_assignment_changed_during_verification_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        platform.Before("ge 'assignment-", () => platform.ChangeAsync(id: 1, user: 1, Inactive));
        // Between the second reads of its history and of its row.
        platform.Before($"RowKey='{TableKey.Assignment(1, 1)}'", () => platform.ChangeAsync(id: 1, user: 1, Active));

        await platform.FindsAsync();
    }

    [Fact]
    public async Task An_assignment_created_or_deleted_after_its_history_was_read_is_not_a_violation()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        platform.Before("ge 'assignment-", async () =>
        {
            await platform.ChangeAsync(id: 1, user: 1, after: null);
            await platform.ChangeAsync(id: 2, user: 2, Active);
        });

        await platform.FindsAsync();
    }

    [Fact]
    public async Task Repair_writes_nothing_if_the_assignment_was_corrected_meanwhile()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.EditAsync(TableKey.Assignment(1, 1), "Fulfilled", true);
        // After all checks, before the repair.
        platform.Before("GET /Directory()", () => platform.EditAsync(TableKey.Assignment(1, 1), "Fulfilled", false));

        Assert.Empty(await platform.RepairsAsync(Differs(id: 1, user: 1)));
    }

    [Fact]
    public async Task Repair_writes_nothing_if_the_assignments_rows_were_deleted_meanwhile()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Inactive);
        await platform.EditAsync(TableKey.Assignment(1, 1), "Fulfilled", true);
        platform.Before("GET /Directory()", () => platform.DeleteAsync(TableKey.FirstChange(1)));

        VerificationReport report = await platform.VerifyAsync(repair: true);

        Assert.Empty(report.Repairs);
        await platform.FindsAsync(Missing(id: 1, user: 1));
    }

    [Fact]
    public async Task An_assignment_changed_during_its_repair_matches_its_history_afterwards()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.DeleteAsync(TableKey.Assignment(1, 1));
        platform.Before("$batch", () => platform.ChangeAsync(id: 1, user: 1, Other));

        Assert.Empty(await platform.RepairsAsync(Differs(id: 1, user: 1)));

        Assert.Equal(Other.Metadata, (await platform.FindAsync(TableKey.Assignment(1, 1)))!.GetString("Metadata"));
    }

    [Fact]
    public async Task A_row_written_during_its_repair_is_repaired_again()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.EditAsync(TableKey.Assignment(1, 1), "Version", 2L);
        platform.Before("$batch", () => platform.EditAsync(TableKey.Assignment(1, 1), "Version", 3L));

        Assert.Equal(["Restored assignment 1 from its history, version 1."], await platform.RepairsAsync(Differs(id: 1, user: 1)));
    }

    /// <summary>Asserts exactly these violations, and no repair.</summary>
    private static async Task FindsUnrepairableAsync(StoredPlatform platform, params Violation[] violations)
    {
        VerificationReport report = await platform.VerifyAsync(repair: true);
        Assert.Equal(violations, report.Violations);
        Assert.Empty(report.Repairs);
        await platform.FindsAsync(violations);
    }

    private static async Task<Dictionary<string, object>> ContentAsync(StoredPlatform platform, string row) =>
        (await platform.FindAsync(row))!.Where(property => property.Key is not ("odata.etag" or "Timestamp")).ToDictionary();

    private static Violation Broken(long id, long user, long license = 1) => new(
        Key, "history_broken", $"The history of assignment {id} does not follow on from record to record.", license, id, user);

    private static Violation Missing(long id, long user) => new(Key, "history_missing", $"Assignment {id} has no history.", 1, id, user);

    private static Violation Differs(long id, long user) => new(
        Key, "assignment_differs_from_history", $"What is stored of assignment {id} is not what its history ends with.", 1, id, user);

    private static Violation SeatsWrong(string detail) => new(Key, "seats_used_wrong", detail, LicenseId: 1);
}

using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Functions.Tests;

/// <summary>Verification finds each kind of damage and repairs what can be derived from the remaining rows.</summary>
public sealed class VerificationTests(ApiHost host)
{
    [Fact]
    public async Task A_platform_used_through_the_api_is_clean()
    {
        World world = await UsedAsync();

        VerificationReport report = await VerifyAsync(world);

        Assert.Empty(report.Violations);
        Assert.Equal((1, 4, 2, 1, 5), (report.Licenses, report.Users, report.Assignments, report.ActiveAssignments, report.Changes));
    }

    [Fact]
    public async Task A_wrong_seat_count_is_found_and_repaired()
    {
        World world = await UsedAsync();
        await EditAsync(world, $"license-{world.License.Id:D19}", row => row["SeatsUsed"] = 4L);

        await RepairsAsync(world, ViolationCode.SeatsUsedWrong);

        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task A_missing_assignment_row_is_found_and_restored()
    {
        World world = await UsedAsync();
        TableEntity lost = await FirstAsync(world, "assignment-");
        await Table(world).DeleteEntityAsync(lost.PartitionKey, lost.RowKey, ETag.All, World.Cancellation);

        await RepairsAsync(world, ViolationCode.AssignmentDiffersFromHistory);

        TableEntity restored = await FirstAsync(world, "assignment-");
        Assert.Equal(
            lost.Where(property => property.Key is not ("odata.etag" or "Timestamp")).ToDictionary(),
            restored.Where(property => property.Key is not ("odata.etag" or "Timestamp")).ToDictionary());
    }

    [Fact]
    public async Task A_row_changed_manually_is_found_and_restored()
    {
        World world = await UsedAsync();
        TableEntity row = await FirstAsync(world, "assignment-");
        await EditAsync(world, row.RowKey, edited => edited["Metadata"] = """{"forged":true}""");

        await RepairsAsync(world, ViolationCode.AssignmentDiffersFromHistory);
    }

    [Theory]
    [InlineData("Version", 1)]
    [InlineData("Version", 3)]
    [InlineData("DeletedBy", 2)]
    [InlineData("DeletedBy", 3)]
    public async Task A_wrong_current_state_in_the_first_record_is_found_and_repaired(string property, long id)
    {
        World world = await UsedAsync();
        await EditAsync(world, RecordOf(id, version: 1), edited => edited[property] = property == "Version" ? 0L : Guid.NewGuid());

        await RepairsAsync(world, ViolationCode.AssignmentDiffersFromHistory);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2_000_000_000)]
    public async Task A_row_with_a_wrong_id_is_restored_and_does_not_advance_the_sequence(long id)
    {
        World world = await UsedAsync();
        TableEntity row = await FirstAsync(world, "assignment-");
        await EditAsync(world, row.RowKey, edited => edited["Id"] = id);

        await RepairsAsync(world, ViolationCode.AssignmentDiffersFromHistory, ViolationCode.HistoryMissing);
    }

    [Fact]
    public async Task The_row_of_a_deleted_assignment_is_found_and_removed()
    {
        World world = await UsedAsync();
        TableEntity row = await FirstAsync(world, "assignment-");
        using HttpResponseMessage deleted = await world.DeleteAsync(row.GetInt64("Id")!.Value);
        await Table(world).AddEntityAsync(row, World.Cancellation);

        await RepairsAsync(world, ViolationCode.AssignmentDiffersFromHistory);
    }

    [Fact]
    public async Task A_gap_in_a_history_is_found()
    {
        World world = await UsedAsync();
        await Table(world).DeleteEntityAsync(world.Platform.Key, RecordOf(2, version: 1), ETag.All, World.Cancellation);

        VerificationReport report = await VerifyAsync(world);

        Assert.Equal([ViolationCode.HistoryBroken], report.Violations.Select(violation => violation.Code));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_change_without_a_history_record_is_found_and_not_undone(long id)
    {
        World world = await UsedAsync();
        await Table(world).DeleteEntityAsync(world.Platform.Key, RecordOf(id, version: 2), ETag.All, World.Cancellation);

        VerificationReport report = await VerifyAsync(world, repair: true);

        Assert.Contains(report.Violations, violation => violation is { Code: ViolationCode.HistoryBroken } && violation.AssignmentId == id);
        Assert.DoesNotContain(report.Violations, violation => violation.Code == ViolationCode.AssignmentDiffersFromHistory);
        Assert.Empty(report.Repairs);
    }

    [Theory]
    [InlineData("UserId")]
    [InlineData("LicenseId")]
    public async Task A_record_that_names_another_user_or_license_breaks_its_history(string property)
    {
        World world = await UsedAsync();
        await EditAsync(world, RecordOf(2, version: 1), record => record[property] = 77L);

        VerificationReport report = await VerifyAsync(world, repair: true);

        Assert.Equal([ViolationCode.HistoryBroken], report.Violations.Select(violation => violation.Code));
        Assert.Empty(report.Repairs);
    }

    [Fact]
    public async Task The_end_of_a_history_with_a_gap_is_still_restored()
    {
        World world = await UsedAsync();
        using HttpResponseMessage third = await world.PutAsync(world.Users[1], new { active = false, metadata = new { a = 3 } });
        await Table(world).DeleteEntityAsync(world.Platform.Key, RecordOf(2, version: 2), ETag.All, World.Cancellation);
        await Table(world).DeleteEntityAsync(
            world.Platform.Key, $"assignment-{world.Users[1].Id:D19}-{world.License.Id:D19}", ETag.All, World.Cancellation);

        VerificationReport report = await VerifyAsync(world, repair: true);

        Assert.Equal(
            [ViolationCode.AssignmentDiffersFromHistory, ViolationCode.HistoryBroken],
            report.Violations.Select(violation => violation.Code).Order());
        Assert.Equal([ViolationCode.HistoryBroken], (await VerifyAsync(world)).Violations.Select(violation => violation.Code));
    }

    [Fact]
    public async Task A_seat_count_is_not_repaired_from_an_incomplete_history()
    {
        World world = await UsedAsync();
        await Table(world).DeleteEntityAsync(world.Platform.Key, RecordOf(1, version: 1), ETag.All, World.Cancellation);

        VerificationReport report = await VerifyAsync(world, repair: true);

        Assert.Equal(
            [ViolationCode.HistoryMissing, ViolationCode.SeatsUsedWrong],
            report.Violations.Select(violation => violation.Code).Order());
        Assert.Empty(report.Repairs);
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task A_row_without_a_history_is_found()
    {
        World world = await UsedAsync();
        TableEntity row = await FirstAsync(world, "assignment-");
        row.RowKey = $"assignment-{world.Users[3].Id:D19}-{world.License.Id:D19}";
        row["Id"] = 1_000_000_077L;
        await Table(world).AddEntityAsync(row, World.Cancellation);

        VerificationReport report = await VerifyAsync(world);

        Assert.Equal(
            [ViolationCode.HistoryMissing, ViolationCode.SequenceBehind],
            report.Violations.Select(violation => violation.Code).Order());
        Assert.Contains(report.Violations, violation => violation.AssignmentId == 1_000_000_077);
    }

    [Fact]
    public async Task A_missing_user_and_a_missing_license_are_found()
    {
        World world = await UsedAsync();
        TableEntity license = await FirstAsync(world, "license-");
        await Table(world).DeleteEntityAsync(license.PartitionKey, license.RowKey, ETag.All, World.Cancellation);
        User nameless = await world.AddUserAsync("nameless", email: null);
        World again = world;
        await Table(world).AddEntityAsync(license, World.Cancellation);
        await again.AssignAsync(nameless);
        await Table(world).DeleteEntityAsync(license.PartitionKey, license.RowKey, ETag.All, World.Cancellation);
        await Table(world).DeleteEntityAsync(license.PartitionKey, $"user-{nameless.Id:D19}", ETag.All, World.Cancellation);

        VerificationReport report = await VerifyAsync(world);

        Assert.Equal(3, report.Violations.Count(violation => violation.Code == ViolationCode.LicenseMissing));
        Assert.Single(report.Violations, violation => violation.Code == ViolationCode.UserMissing && violation.UserId == nameless.Id);
    }

    [Fact]
    public async Task A_users_missing_rows_are_restored_from_each_other()
    {
        World world = await UsedAsync();
        TableEntity user = await FirstAsync(world, "user-");
        await Table(world).DeleteEntityAsync(user.PartitionKey, user.RowKey, ETag.All, World.Cancellation);
        await RepairsAsync(world, ViolationCode.DirectoryDiffers, ViolationCode.UserMissing);

        TableEntity entry = await DirectoryEntryAsync(world, world.Users[1]);
        await Directory(world).DeleteEntityAsync(entry.PartitionKey, entry.RowKey, ETag.All, World.Cancellation);
        await RepairsAsync(world, ViolationCode.DirectoryDiffers);
        Assert.Equal(world.Users[1].Id, (await DirectoryEntryAsync(world, world.Users[1])).GetInt64("UserId"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_directory_row_under_an_old_normalization_of_its_address_is_found_and_moved(bool hasNewRow)
    {
        World world = await UsedAsync();
        TableEntity entry = await DirectoryEntryAsync(world, world.Users[1]);
        TableEntity old = new(entry) { PartitionKey = new string('0', 64) };
        await Directory(world).AddEntityAsync(old, World.Cancellation);
        if (!hasNewRow)
        {
            await Directory(world).DeleteEntityAsync(entry.PartitionKey, entry.RowKey, ETag.All, World.Cancellation);
        }

        await RepairsAsync(world, ViolationCode.DirectoryDiffers);

        Assert.Equal(entry.PartitionKey, (await DirectoryEntryAsync(world, world.Users[1])).PartitionKey);
        Assert.Equal(
            world.Users[1],
            await world.Services.GetRequiredService<UserStore>().FindAsync(world.Platform.Key, world.Users[1].Email!, World.Cancellation));
    }

    [Fact]
    public async Task A_user_removed_with_a_directory_row_under_an_old_normalisation_does_not_come_back()
    {
        World world = await UsedAsync();
        User leaver = world.Users[3];
        TableEntity entry = await DirectoryEntryAsync(world, leaver);
        await Directory(world).DeleteEntityAsync(entry.PartitionKey, entry.RowKey, ETag.All, World.Cancellation);
        entry.PartitionKey = new string('0', 64);
        await Directory(world).AddEntityAsync(entry, World.Cancellation);
        UserStore users = world.Services.GetRequiredService<UserStore>();

        await users.RemoveAsync(leaver, World.Cancellation);

        Assert.Empty((await VerifyAsync(world, repair: true)).Violations);
        Assert.Null(await users.FindAsync(world.Platform.Key, leaver.Id, World.Cancellation));
        Assert.Equal(3, await Directory(world).QueryAsync<TableEntity>(
            row => row.RowKey == world.Platform.Key, cancellationToken: World.Cancellation).CountAsync(World.Cancellation));
    }

    [Fact]
    public async Task Two_users_with_the_same_address_are_reported_and_both_keep_it()
    {
        World world = await UsedAsync();
        TableEntity entry = await DirectoryEntryAsync(world, world.Users[1]);
        await EditAsync(world, $"user-{world.Users[3].Id:D19}", row => row["Email"] = entry.GetString("Email"));
        TableEntity other = await DirectoryEntryAsync(world, world.Users[3]);
        await Directory(world).DeleteEntityAsync(other.PartitionKey, other.RowKey, ETag.All, World.Cancellation);
        (other.PartitionKey, other["Email"]) = (new string('0', 64), entry.GetString("Email"));
        await Directory(world).AddEntityAsync(other, World.Cancellation);

        VerificationReport report = await VerifyAsync(world, repair: true);

        Assert.Contains(report.Repairs, done => done.Contains($"user {world.Users[1].Id} has the same address", StringComparison.Ordinal));
        Assert.Contains((await VerifyAsync(world)).Violations, violation => violation.UserId == world.Users[3].Id);
        Assert.Equal(
            world.Users[1],
            await world.Services.GetRequiredService<UserStore>().FindAsync(world.Platform.Key, world.Users[1].Email!, World.Cancellation));
    }

    [Fact]
    public async Task An_address_that_is_no_longer_valid_is_found_and_its_user_works_with_a_new_one()
    {
        World world = await UsedAsync();
        TableEntity entry = await DirectoryEntryAsync(world, world.Users[1]);
        await EditAsync(world, $"user-{world.Users[1].Id:D19}", row => row["Email"] = "no address");
        entry["Email"] = "no address";
        await Directory(world).UpdateEntityAsync(entry, ETag.All, TableUpdateMode.Replace, World.Cancellation);

        VerificationReport found = await VerifyAsync(world, repair: true);
        Assert.Equal([ViolationCode.AddressInvalid, ViolationCode.DirectoryDiffers], found.Violations.Select(violation => violation.Code).Order());
        Assert.Equal([ViolationCode.AddressInvalid], (await VerifyAsync(world)).Violations.Select(violation => violation.Code));

        Assert.IsType<UpdateUserOutcome.Updated>(await world.Services.GetRequiredService<UserStore>()
            .UpdateAsync(world.Platform.Key, world.Users[1].Id, user => user with { Email = world.Users[1].Email }, World.Cancellation));
        Assert.Empty((await VerifyAsync(world)).Violations);
    }

    [Fact]
    public async Task A_directory_row_for_the_wrong_user_is_found_and_removed()
    {
        World world = await UsedAsync();
        TableEntity entry = await DirectoryEntryAsync(world, world.Users[1]);
        await Directory(world).DeleteEntityAsync(entry.PartitionKey, entry.RowKey, ETag.All, World.Cancellation);
        entry["UserId"] = world.Users[2].Id;
        await Directory(world).AddEntityAsync(entry, World.Cancellation);

        await RepairsAsync(world, ViolationCode.DirectoryDiffers);

        Assert.Equal(
            world.Users[1],
            await world.Services.GetRequiredService<UserStore>().FindAsync(world.Platform.Key, world.Users[1].Email!, World.Cancellation));
    }

    [Fact]
    public async Task Fences_of_a_removed_user_are_not_assignments_and_are_removed_after_an_hour()
    {
        World world = await UsedAsync();
        await world.Services.GetRequiredService<UserStore>().RemoveAsync(world.Users[3], World.Cancellation);
        string kept = $"assignment-{world.Users[3].Id:D19}-{world.License.Id:D19}";
        Assert.True((await Table(world).GetEntityIfExistsAsync<TableEntity>(world.Platform.Key, kept, cancellationToken: World.Cancellation)).HasValue);

        VerificationReport soon = await VerifyAsync(world, repair: true);
        VerificationReport later = await new Verifier(
            world.Services.GetRequiredService<Tables>(), world.Services.GetRequiredService<LicenseStore>(), world.Services.GetRequiredService<AssignmentStore>(), world.Services.GetRequiredService<UserStore>(), new NoWaiting(TimeSpan.FromHours(2)))
            .VerifyAsync(world.Platform.Key, repair: true, progress: null, World.Cancellation);

        Assert.Equal((0, 0, 2L), (soon.Violations.Count, soon.Repairs.Count, soon.Assignments));
        Assert.Equal((0, 1), (later.Violations.Count, later.Repairs.Count));
        Assert.False((await Table(world).GetEntityIfExistsAsync<TableEntity>(world.Platform.Key, kept, cancellationToken: World.Cancellation)).HasValue);
    }

    [Fact]
    public async Task A_sequence_that_would_reuse_an_id_is_found_and_advanced()
    {
        World world = await UsedAsync();
        await EditAsync(world, "sequence-assignment", row => row["Next"] = 1L);

        await RepairsAsync(world, ViolationCode.SequenceBehind);
    }

    [Fact]
    public async Task More_active_assignments_than_seats_are_found()
    {
        World world = await UsedAsync();
        await EditAsync(world, $"license-{world.License.Id:D19}", row => row["Seats"] = 0L);

        VerificationReport report = await VerifyAsync(world);

        Assert.Equal([ViolationCode.SeatsExceeded], report.Violations.Select(violation => violation.Code));
    }

    [Fact]
    public async Task Verifying_while_requests_are_served_raises_no_false_alarm()
    {
        World world = await World.CreateAsync(host.Server, seats: 12, users: 20);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(World.Cancellation);
        Task traffic = Task.WhenAll(world.Users.Select(async user =>
        {
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                using HttpResponseMessage put = await world.PutAsync(user, new { active = i % 3 != 0, metadata = new { i } });
                if (i % 4 == 3 && put.IsSuccessStatusCode)
                {
                    using HttpResponseMessage deleted = await world.DeleteAsync((await put.OkAsync())["id"]!.GetValue<long>());
                }
            }
        }));

        HashSet<long> changes = [];
        while (changes.Count < 6)
        {
            VerificationReport report = await VerifyAsync(world);
            Assert.Empty(report.Violations);
            changes.Add(report.Changes);
        }

        await enough.CancelAsync();
        await traffic;
        Assert.Empty((await VerifyAsync(world)).Violations);
    }

    /// <summary>Four users: one with a seat, one with an inactive assignment, one with a deleted one.</summary>
    private async Task<World> UsedAsync()
    {
        World world = await World.CreateAsync(host.Server, users: 4);
        await world.AssignAsync(world.Users[0]);
        using HttpResponseMessage inactive = await world.PutAsync(world.Users[1], new { active = false, metadata = new { a = 1 } });
        using HttpResponseMessage updated = await world.PutAsync(world.Users[1], new { active = false, metadata = new { a = 2 } });
        using HttpResponseMessage deleted = await world.DeleteAsync(await world.AssignAsync(world.Users[2]));
        return world;
    }

    private static Task<VerificationReport> VerifyAsync(World world, bool repair = false) =>
        new Verifier(world.Services.GetRequiredService<Tables>(), world.Services.GetRequiredService<LicenseStore>(), world.Services.GetRequiredService<AssignmentStore>(), world.Services.GetRequiredService<UserStore>(), new NoWaiting())
            .VerifyAsync(world.Platform.Key, repair, progress: null, World.Cancellation);

    /// <summary>Finds exactly these violations, repairs something for each kind, and then finds nothing.</summary>
    private static async Task RepairsAsync(World world, params string[] codes)
    {
        VerificationReport found = await VerifyAsync(world, repair: true);
        Assert.Equal(codes.Order(), found.Violations.Select(violation => violation.Code).Distinct().Order());
        Assert.NotEmpty(found.Repairs);
        Assert.Empty((await VerifyAsync(world)).Violations);
    }

    private static TableClient Table(World world) => Client(world, "Assignments");

    private static TableClient Directory(World world) => Client(world, "Directory");

    private static TableClient Client(World world, string table) => world.Services.GetRequiredService<TableServiceClient>().GetTableClient(
        world.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<TablesOptions>>().Value.Prefix + table);

    private static async Task<TableEntity> FirstAsync(World world, string rowPrefix) =>
        await Table(world).QueryAsync<TableEntity>(
                entity => entity.PartitionKey == world.Platform.Key, cancellationToken: World.Cancellation)
            .FirstAsync(entity => entity.RowKey.StartsWith(rowPrefix, StringComparison.Ordinal), World.Cancellation);

    private static async Task<TableEntity> DirectoryEntryAsync(World world, User user) =>
        await Directory(world).QueryAsync<TableEntity>(
                entity => entity.RowKey == world.Platform.Key, cancellationToken: World.Cancellation)
            .FirstAsync(entity => entity.GetInt64("UserId") == user.Id, World.Cancellation);

    private static string RecordOf(long assignmentId, long version) => $"history-{assignmentId:D19}-{version:D10}";

    private static async Task EditAsync(World world, string rowKey, Action<TableEntity> edit)
    {
        TableEntity row = await Table(world).GetEntityAsync<TableEntity>(world.Platform.Key, rowKey, cancellationToken: World.Cancellation);
        edit(row);
        await Table(world).UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, World.Cancellation);
    }

    /// <summary>Ends every wait at once, because what these tests damage does not heal by itself.</summary>
    private sealed class NoWaiting(TimeSpan ahead = default) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}

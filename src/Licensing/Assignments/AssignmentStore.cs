using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Assignments;

/// <summary>
/// Assignments and their history, in the platform's partition of table <c>Assignments</c>. A lookup by user and license
/// reads the assignment's row, and a lookup by id reads its first history record.
/// </summary>
public sealed class AssignmentStore(Tables tables)
{
    /// <summary>Table Storage cannot hold an earlier time, and Azurite cannot compare with one.</summary>
    private static readonly DateTimeOffset EarliestTime = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads what a create of this assignment would find; one storage call.</summary>
    internal async Task<AssignmentLook> LookAsync(string platform, long userId, long licenseId, CancellationToken cancellationToken) =>
        await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.Assignment(userId, licenseId), cancellationToken) is { } entity
            ? AssignmentRows.IsFence(entity)
                ? new AssignmentLook(Assignment: null, UserChanged: true, entity.ETag)
                : new AssignmentLook(AssignmentRows.ToAssignment(platform, entity), AssignmentRows.IsMarked(entity), Fence: null)
            : new AssignmentLook(Assignment: null, UserChanged: false, Fence: null);

    /// <summary>Returns the state of the assignment with this id, or null if it never existed; one storage call.</summary>
    public async Task<AssignmentStanding?> FindAsync(string platform, long id, CancellationToken cancellationToken) =>
        await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.FirstChange(id), cancellationToken) is { } entity
            ? AssignmentRows.ToStanding(platform, entity)
            : null;

    /// <summary>A user's assignments; one storage call per 1,000.</summary>
    public IAsyncEnumerable<Assignment> OfUserAsync(string platform, long userId, CancellationToken cancellationToken) =>
        ReadAsync(platform, tables.Assignments.QueryAsync(TableKey.Escape(platform), TableKey.AssignmentsOf(userId), cancellationToken).OrNoneAsync());

    /// <summary>All assignments of a platform, ordered by user.</summary>
    public IAsyncEnumerable<Assignment> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        ReadAsync(platform, tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.Assignment, cancellationToken));

    /// <summary>The history of an assignment, oldest change first. It outlives the assignment.</summary>
    public IAsyncEnumerable<AssignmentChange> HistoryAsync(string platform, long assignmentId, CancellationToken cancellationToken) =>
        ReadHistoryAsync(platform, TableKey.ChangesOf(assignmentId), cancellationToken);

    /// <summary>The history of all assignments of a platform, ordered by assignment, oldest change first.</summary>
    public IAsyncEnumerable<AssignmentChange> HistoryAsync(string platform, CancellationToken cancellationToken) =>
        ReadHistoryAsync(platform, RowPrefix.Change, cancellationToken);

    /// <summary>A platform's changes since a time, ordered by assignment; a scan of its history with a server-side filter.</summary>
    public IAsyncEnumerable<AssignmentChange> HistorySinceAsync(string platform, DateTimeOffset since, CancellationToken cancellationToken) =>
        since < EarliestTime
            ? HistoryAsync(platform, cancellationToken)
            : FilteredHistory(platform, TableClient.CreateQueryFilter($"At ge {since}"), cancellationToken)
                .Select(entity => AssignmentRows.ToChange(platform, entity));

    /// <summary>Changes of all assignments that a user has or had; a scan of the history with a server-side filter.</summary>
    public IAsyncEnumerable<AssignmentChange> HistoryOfUserAsync(string platform, long userId, CancellationToken cancellationToken) =>
        FilteredHistory(platform, TableClient.CreateQueryFilter($"UserId eq {userId}"), cancellationToken)
            .Select(entity => AssignmentRows.ToChange(platform, entity));

    /// <summary>
    /// Removes the metadata, which may be personal, from the history of a user whose assignments are removed. Safe to repeat.
    /// </summary>
    public async Task EraseMetadataAsync(string platform, long userId, CancellationToken cancellationToken)
    {
        await foreach (TableEntity row in FilteredHistory(platform, TableClient.CreateQueryFilter($"UserId eq {userId}"), cancellationToken))
        {
            TableEntity? current = row;
            while (current is not null && AssignmentRows.TryEraseMetadata(current)
                && await tables.Assignments.TryReplaceAsync(current, current.ETag, cancellationToken) is null)
            {
                current = await tables.Assignments.FindAsync(current.PartitionKey, current.RowKey, cancellationToken);
            }
        }
    }

    private AsyncPageable<TableEntity> FilteredHistory(string platform, string filter, CancellationToken cancellationToken)
    {
        (string partition, string from, string to) = (TableKey.Escape(platform), RowPrefix.Change, TableKey.After(RowPrefix.Change));
        return tables.Assignments.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}") + $" and {filter}",
            cancellationToken: cancellationToken);
    }

    private static async IAsyncEnumerable<Assignment> ReadAsync(string platform, IAsyncEnumerable<TableEntity> rows)
    {
        await foreach (TableEntity entity in rows)
        {
            if (!AssignmentRows.IsFence(entity))
            {
                yield return AssignmentRows.ToAssignment(platform, entity);
            }
        }
    }

    private async IAsyncEnumerable<AssignmentChange> ReadHistoryAsync(
        string platform, string rowPrefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in tables.Assignments.QueryAsync(TableKey.Escape(platform), rowPrefix, cancellationToken))
        {
            yield return AssignmentRows.ToChange(platform, entity);
        }
    }
}

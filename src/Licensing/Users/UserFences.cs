using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Storage;

namespace Licensing.Users;

/// <summary>
/// Makes every instance look a user up again before it next writes one of the user's assignments.
/// </summary>
/// <remarks>
/// An instance caches users for up to a minute and writes a create without reading. So fences occupy the keys of all
/// assignments that such a create could add: it conflicts, reads, and finds the current owner of the address. An existing
/// assignment gets a new version instead, so that an update from the cache conflicts too.
/// </remarks>
internal sealed class UserFences(Tables tables, TimeProvider time)
{
    private const string By = "admin:user-changed";

    /// <summary>If this many attempts fail, the rows are damaged, and writes from the cache fail too.</summary>
    private const int MaxTries = 20;

    /// <summary>Call this after changing the user's row and the directory.</summary>
    public async Task PlaceAsync(string platform, long userId, CancellationToken cancellationToken)
    {
        string partition = TableKey.Escape(platform);
        HashSet<long> taken = await tables.Assignments.QueryAsync(partition, TableKey.AssignmentsOf(userId), cancellationToken)
            .Select(row => TableKey.IdsIn(row.RowKey).Second).ToHashSetAsync(cancellationToken: cancellationToken);
        List<long> free = await tables.Assignments.QueryAsync(partition, RowPrefix.License, cancellationToken)
            .Select(row => TableKey.LicenseIn(row.RowKey)).Where(key => key.Allotment is null && !taken.Contains(key.Id)).Select(key => key.Id)
            .ToListAsync(cancellationToken);
        foreach (long[] licenses in free.Chunk(TableClientWrites.MaxEntities))
        {
            if (!await TryFenceAsync(platform, userId, licenses, cancellationToken))
            {
                taken.UnionWith(licenses);
            }
        }

        foreach (long license in taken)
        {
            await FenceOrMarkAsync(platform, userId, license, cancellationToken);
        }
    }

    /// <summary>Removes the fences of a platform that were placed before this time, and returns their number.</summary>
    public async Task<int> RemoveAsync(string platform, DateTimeOffset before, CancellationToken cancellationToken)
    {
        int removed = 0;
        await foreach (TableEntity row in tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.Assignment, cancellationToken))
        {
            if (AssignmentRows.IsFence(row) && row.Timestamp < before
                && await tables.Assignments.TryDeleteAsync(row.PartitionKey, row.RowKey, row.ETag, cancellationToken))
            {
                removed++;
            }
        }

        return removed;
    }

    private async Task<bool> TryFenceAsync(string platform, long userId, long[] licenses, CancellationToken cancellationToken) =>
        await tables.Assignments.TrySubmitAsync(
            licenses.Select(license => new TableTransactionAction(
                TableTransactionActionType.Add, AssignmentRows.Fence(platform, userId, license))),
            cancellationToken);

    private async Task FenceOrMarkAsync(string platform, long userId, long license, CancellationToken cancellationToken)
    {
        for (int tried = 0; tried < MaxTries; tried++)
        {
            TableEntity? row = await tables.Assignments.FindAsync(
                TableKey.Escape(platform), TableKey.Assignment(userId, license), cancellationToken);
            if (row is null
                ? await TryFenceAsync(platform, userId, [license], cancellationToken)
                : AssignmentRows.IsFence(row) || await TryMarkAsync(platform, row, cancellationToken))
            {
                return;
            }
        }
    }

    private async Task<bool> TryMarkAsync(string platform, TableEntity row, CancellationToken cancellationToken)
    {
        Assignment current = AssignmentRows.ToAssignment(platform, row);
        Assignment next = current with { Version = current.Version + 1 };
        AssignmentChange change = AssignmentChange.Of(current, next, counter: null, time.GetUtcNow(), By, Guid.CreateVersion7());
        return await tables.Assignments.TrySubmitAsync(
            [
                new TableTransactionAction(TableTransactionActionType.UpdateReplace, AssignmentRows.Marked(next), row.ETag),
                .. AssignmentRows.HistoryActions(change),
            ],
            cancellationToken);
    }
}

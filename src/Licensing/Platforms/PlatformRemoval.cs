using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Platforms;

/// <summary>
/// Removes a suspended platform with everything stored for it. Deletes the platform's own row last, so that repeating the
/// call completes an interrupted removal.
/// </summary>
public sealed class PlatformRemoval(Tables tables, PlatformStore platforms, TimeProvider time)
{
    private const int DeletionsAtOnce = 8;

    /// <summary>Instances may serve a suspended platform for a minute, plus the duration of a request.</summary>
    private static readonly TimeSpan StillServed = TimeSpan.FromSeconds(60) + Deadlines.Request;

    private static readonly string[] KeysOnly = [nameof(ITableEntity.PartitionKey), nameof(ITableEntity.RowKey)];

    /// <summary>Counts what a removal would delete. Reads every row of the platform.</summary>
    public async Task<PlatformContent> CountAsync(string platform, CancellationToken cancellationToken)
    {
        Dictionary<string, long> rows = await tables.Assignments
            .QueryAsync<TableEntity>(Rows(platform), select: [.. KeysOnly, "Id"], cancellationToken: cancellationToken)
            // Leave out allotments, whose row keys are longer than a license's, and fences, which have no id.
            .Where(row => row.RowKey.StartsWith(RowPrefix.License, StringComparison.Ordinal) ? row.RowKey.Length == TableKey.License(0).Length
                : !row.RowKey.StartsWith(RowPrefix.Assignment, StringComparison.Ordinal) || row.GetInt64("Id") is not null)
            .CountBy(row => row.RowKey[..(row.RowKey.IndexOf('-', StringComparison.Ordinal) + 1)])
            .ToDictionaryAsync(each => each.Key, each => (long)each.Value, cancellationToken: cancellationToken);
        return new PlatformContent(
            await tables.ApiKeys.QueryAsync<TableEntity>(ApiKeys(platform), select: KeysOnly, cancellationToken: cancellationToken).LongCountAsync(cancellationToken),
            rows.GetValueOrDefault(RowPrefix.License),
            rows.GetValueOrDefault(RowPrefix.User),
            rows.GetValueOrDefault(RowPrefix.Assignment),
            rows.GetValueOrDefault(RowPrefix.Change));
    }

    /// <summary>
    /// Deletes everything stored for a suspended platform. If it has API keys, waits until no instance serves it any more, up
    /// to 70 s after it was suspended.
    /// </summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="progress">Receives the number of rows deleted so far; may be null.</param>
    /// <param name="cancellationToken">Interrupts the removal. Rows already deleted are not restored.</param>
    /// <returns>The number of rows deleted, or null if the platform is not suspended or was resumed in the meantime.</returns>
    public async Task<long?> RemoveAsync(string platform, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (await platforms.FindSuspensionAsync(platform, cancellationToken) is not { } suspension)
        {
            return null;
        }

        Tally tally = new(progress);
        bool all = false;
        while (!all)
        {
            long before = tally.Rows;
            try
            {
                await DeleteAllAsync(platform, suspension.Since, tally, cancellationToken);
                all = true;
            }
            catch (Exception exception) when (tally.Rows > before && StorageFault.IsTransient(exception))
            {
                // Try again as long as rows are being deleted.
            }
        }

        return await platforms.TryRemoveAsync(platform, suspension, cancellationToken) ? tally.Rows + 1 : null;
    }

    private async Task DeleteAllAsync(string platform, DateTimeOffset suspended, Tally tally, CancellationToken cancellationToken)
    {
        // Licenses first: without its license row, no instance can assign a seat.
        await DeleteAsync(tables.Assignments, Rows(platform, RowPrefix.License), tally, cancellationToken);
        await DeleteRowsAsync(platform, tally, cancellationToken);
        if (await tables.ApiKeys.QueryAsync<TableEntity>(ApiKeys(platform), maxPerPage: 1, KeysOnly, cancellationToken).AnyAsync(cancellationToken))
        {
            if (suspended + StillServed - time.GetUtcNow() is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait < StillServed ? wait : StillServed, time, cancellationToken);
            }

            await DeleteRowsAsync(platform, tally, cancellationToken);
            await DeleteAsync(tables.ApiKeys, ApiKeys(platform), tally, cancellationToken);
        }
    }

    private async Task DeleteRowsAsync(string platform, Tally tally, CancellationToken cancellationToken)
    {
        string row = TableKey.Escape(platform);
        await DeleteAsync(tables.Directory, TableClient.CreateQueryFilter($"RowKey eq {row}"), tally, cancellationToken);
        await DeleteAsync(tables.Assignments, Rows(platform), tally, cancellationToken);
    }

    private static async Task DeleteAsync(TableClient table, string filter, Tally tally, CancellationToken cancellationToken)
    {
        await foreach (Page<TableEntity> page in table.QueryAsync<TableEntity>(filter, select: KeysOnly, cancellationToken: cancellationToken).AsPages())
        {
            await Parallel.ForEachAsync(
                page.Values.GroupBy(row => row.PartitionKey).SelectMany(partition => partition.Chunk(TableClientWrites.MaxEntities)),
                new ParallelOptions { MaxDegreeOfParallelism = DeletionsAtOnce, CancellationToken = cancellationToken },
                async (rows, cancellationToken) =>
                {
                    await DeleteAsync(table, rows, cancellationToken);
                    tally.Add(rows.Length);
                });
        }
    }

    private static async Task DeleteAsync(TableClient table, TableEntity[] rows, CancellationToken cancellationToken)
    {
        if (rows.Length > 1 && await table.TrySubmitAsync(
            rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken))
        {
            return;
        }

        foreach (TableEntity row in rows)
        {
            // It is not an error if the row no longer exists.
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
        }
    }

    private static string Rows(string platform)
    {
        string partition = TableKey.Escape(platform);
        return TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
    }

    private static string Rows(string platform, string prefix)
    {
        (string partition, string end) = (TableKey.Escape(platform), TableKey.After(prefix));
        return TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {end}");
    }

    private static string ApiKeys(string platform) => TableClient.CreateQueryFilter($"Platform eq {platform}");

    private sealed class Tally(IProgress<long>? progress)
    {
        private long _rows;

        public long Rows => Interlocked.Read(ref _rows);

        public void Add(int rows) => progress?.Report(Interlocked.Add(ref _rows, rows));
    }
}

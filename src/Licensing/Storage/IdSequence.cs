using Azure;
using Azure.Data.Tables;

namespace Licensing.Storage;

/// <summary>Leases blocks of unique ids from the sequence row, guarded by its ETag.</summary>
public sealed class IdSequence(Tables tables)
{
    internal const string Next = "Next";

    /// <summary>Leases <paramref name="count"/> ids and returns the first. Ids start at 1.</summary>
    internal async Task<long> LeaseAsync(string platform, IdKind kind, int count, CancellationToken cancellationToken)
    {
        string partition = TableKey.Escape(platform);
        string row = TableKey.Sequence(kind);
        while (true)
        {
            TableEntity? current = await tables.Assignments.FindAsync(partition, row, cancellationToken);
            long first = current?.GetInt64(Next) ?? 1;
            TableEntity next = new(partition, row) { [Next] = first + count };
            if (current is null
                ? await tables.Assignments.TryAddAsync(next, cancellationToken) is not null
                : await TryReplaceAsync(next, current.ETag, cancellationToken))
            {
                return first;
            }
        }
    }

    /// <summary>
    /// Moves the sequence past an id that was assigned by hand, so that it is not leased. Ids from 2^31 on are ignored:
    /// ids after them would not fit into the 32-bit integers of generated clients.
    /// </summary>
    internal async Task StepAsideAsync(string platform, IdKind kind, long id, CancellationToken cancellationToken)
    {
        if (id >= int.MaxValue)
        {
            return;
        }

        string partition = TableKey.Escape(platform);
        string row = TableKey.Sequence(kind);
        while (true)
        {
            TableEntity? current = await tables.Assignments.FindAsync(partition, row, cancellationToken);
            TableEntity next = new(partition, row) { [Next] = id + 1 };
            if ((current?.GetInt64(Next) ?? 1) > id
                || (current is null
                    ? await tables.Assignments.TryAddAsync(next, cancellationToken) is not null
                    : await TryReplaceAsync(next, current.ETag, cancellationToken)))
            {
                return;
            }
        }
    }

    /// <summary>False when the row has changed; throws when it is gone, because a new one would start at 1 again.</summary>
    private async Task<bool> TryReplaceAsync(TableEntity next, ETag etag, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Assignments.UpdateEntityAsync(next, etag, TableUpdateMode.Replace, cancellationToken);
            return true;
        }
        catch (RequestFailedException conflict) when (conflict.Status == 412)
        {
            return false;
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace Licensing.Storage;

/// <summary>What a platform numbers; each has a sequence row of its own in the platform's partition.</summary>
public enum IdKind
{
    Assignment,
    License,
    User,
}

/// <summary>Gives ids that no one else gets: leases blocks of them from the sequence row by ETag.</summary>
public sealed class IdSequence(Tables tables)
{
    internal const string Next = "Next";

    internal static string RowOf(IdKind kind) => RowPrefix.Sequence + kind.ToString().ToLower(CultureInfo.InvariantCulture);

    /// <summary>Leases <paramref name="count"/> ids and gives the first of them. Ids begin at 1.</summary>
    public async Task<long> LeaseAsync(string platform, IdKind kind, int count, CancellationToken cancellationToken)
    {
        string partition = TableKey.Escape(platform);
        string row = RowOf(kind);
        while (true)
        {
            TableEntity? current = await tables.Assignments.FindAsync(partition, row, cancellationToken);
            long first = current?.GetInt64(Next) ?? 1;
            TableEntity next = new(partition, row) { [Next] = first + count };
            if (current is null
                ? await tables.Assignments.TryAddAsync(next, cancellationToken)
                : await TryReplaceAsync(next, current.ETag, cancellationToken))
            {
                return first;
            }
        }
    }

    /// <summary>
    /// Lets the sequence go on after an id that was given by hand, so that it does not give that one. Ids past 2^31 are
    /// left out: going on after them would give ids that generated clients cannot read.
    /// </summary>
    public async Task StepAsideAsync(string platform, IdKind kind, long id, CancellationToken cancellationToken)
    {
        if (id >= int.MaxValue)
        {
            return;
        }

        string partition = TableKey.Escape(platform);
        string row = RowOf(kind);
        while (true)
        {
            TableEntity? current = await tables.Assignments.FindAsync(partition, row, cancellationToken);
            TableEntity next = new(partition, row) { [Next] = id + 1 };
            if ((current?.GetInt64(Next) ?? 1) > id
                || (current is null
                    ? await tables.Assignments.TryAddAsync(next, cancellationToken)
                    : await TryReplaceAsync(next, current.ETag, cancellationToken)))
            {
                return;
            }
        }
    }

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

/// <summary>
/// The assignment ids an instance holds for its platforms. What is left at shutdown, or of platforms that make room
/// for others, is never used.
/// </summary>
internal sealed class AssignmentIds(IdSequence sequence)
{
    /// <summary>An instance that starts and stops all day wastes at most this many of 2^31 each time.</summary>
    private const int BlockSize = 500;

    private const int MaxPlatforms = 10_000;

    private readonly ConcurrentDictionary<string, Block> _blocks = new();

    public async ValueTask<long> TakeAsync(string platform, CancellationToken cancellationToken)
    {
        if (_blocks.Count > MaxPlatforms)
        {
            _blocks.Clear();
        }

        Block block = _blocks.GetOrAdd(platform, _ => new Block());
        while (true)
        {
            Task lease;
            lock (block)
            {
                if (block.Returned.TryPop(out long returned))
                {
                    return returned;
                }

                if (block.Next < block.End)
                {
                    return block.Next++;
                }

                if (block.Lease.IsCompleted)
                {
                    block.Lease = LeaseAsync(platform, block);
                }

                lease = block.Lease;
            }

            await lease.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Gives back an id that was taken and certainly not written.</summary>
    public void Return(string platform, long id)
    {
        if (_blocks.TryGetValue(platform, out Block? block))
        {
            lock (block)
            {
                block.Returned.Push(id);
            }
        }
    }

    private async Task LeaseAsync(string platform, Block block)
    {
        // Off the lock before the first I/O.
        await Task.Yield();
        using CancellationTokenSource deadline = new(Deadlines.Request);
        long first = await sequence.LeaseAsync(platform, IdKind.Assignment, BlockSize, deadline.Token);
        lock (block)
        {
            (block.Next, block.End) = (first, first + BlockSize);
        }
    }

    private sealed class Block
    {
        public long Next { get; set; }

        public long End { get; set; }

        public Stack<long> Returned { get; } = new();

        public Task Lease { get; set; } = Task.CompletedTask;
    }
}

using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The blocks of assignment ids that this instance has leased. Ids that are left at shutdown, or when a platform is
/// evicted, are never used.
/// </summary>
internal sealed class AssignmentIds(IdSequence sequence)
{
    /// <summary>The most ids, of 2^31, that each restart of an instance wastes for a platform.</summary>
    private const int BlockSize = 500;

    private const int MaxPlatforms = 10_000;

    private readonly LruCache<string, Block> _blocks = new(MaxPlatforms);

    public async ValueTask<long> TakeAsync(string platform, CancellationToken cancellationToken)
    {
        Block block = _blocks.GetOrAdd(platform, static () => new Block());
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

    /// <summary>Returns an id that was certainly not written, so that it is used next.</summary>
    public void Return(string platform, long id)
    {
        if (_blocks.Find(platform) is { } block)
        {
            lock (block)
            {
                block.Returned.Push(id);
            }
        }
    }

    private async Task LeaseAsync(string platform, Block block)
    {
        // Leave the lock before the first I/O.
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

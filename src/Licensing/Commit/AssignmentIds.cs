using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The assignment ids an instance holds for its platforms. What is left at shutdown, or of platforms that make room
/// for others, is never used.
/// </summary>
internal sealed class AssignmentIds(IdSequence sequence)
{
    /// <summary>An instance that starts and stops all day wastes at most this many of 2^31 each time.</summary>
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

    /// <summary>Gives back an id that was taken and certainly not written.</summary>
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

namespace Licensing.Storage;

/// <summary>
/// Callers that ask for the same thing at the same time share one read; nothing is remembered once it has ended.
/// </summary>
/// <remarks>
/// A read that finds nothing (null) says so only to those who came before it was sent: what the others ask for may
/// have been added since. They share the next read, so nobody waits for more than two.
/// </remarks>
internal sealed class SharedReads<TKey, TValue>(TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, Task<TValue?>> _underWay = [];

    /// <summary>What a read finds that was sent after this call, or one under way that finds something.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="read">One read of storage; its token fires when the read has taken as long as a request may.</param>
    /// <param name="cancellationToken">Stops waiting; the read goes on for the others.</param>
    public async Task<TValue?> GetAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken)
    {
        (Task<TValue?> shared, bool sentEarlier) = Join(key, read);
        // One caller that leaves must not cancel the read for the others.
        TValue? value = await shared.WaitAsync(cancellationToken);
        return value is null && sentEarlier ? await Join(key, read).Read.WaitAsync(cancellationToken) : value;
    }

    private (Task<TValue?> Read, bool SentEarlier) Join(TKey key, Func<CancellationToken, Task<TValue?>> read)
    {
        lock (_underWay)
        {
            if (_underWay.TryGetValue(key, out Task<TValue?>? shared))
            {
                return (shared, SentEarlier: true);
            }

            shared = ReadAsync(key, read);
            _underWay.Add(key, shared);
            return (shared, SentEarlier: false);
        }
    }

    private async Task<TValue?> ReadAsync(TKey key, Func<CancellationToken, Task<TValue?>> read)
    {
        // Off the lock before the first I/O.
        await Task.Yield();
        try
        {
            using CancellationTokenSource deadline = new(Deadlines.Request, time);
            return await read(deadline.Token);
        }
        finally
        {
            // Before the task completes: whoever then asks again starts or finds a later read.
            lock (_underWay)
            {
                _underWay.Remove(key);
            }
        }
    }
}

namespace Licensing.Storage;

/// <summary>
/// Shares one read among concurrent callers for the same key. Results are not cached.
/// </summary>
/// <remarks>
/// A null result is returned only to callers that asked before the read was sent, because the value may have been added
/// since. The others share the next read, so no caller waits for more than two.
/// </remarks>
internal sealed class SharedReads<TKey, TValue>(TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, Task<TValue?>> _underWay = [];

    /// <summary>Returns the result of a read sent after this call, or of one in flight if that finds something.</summary>
    /// <param name="key">The key of the value.</param>
    /// <param name="read">Reads from storage; its token is canceled after the time limit of a request.</param>
    /// <param name="cancellationToken">Stops waiting; the read continues for the other callers.</param>
    public async Task<TValue?> GetAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken)
    {
        (Task<TValue?> shared, bool sentEarlier) = Join(key, read);
        // A caller that gives up must not cancel the read for the others.
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
        // Leave the lock before the first I/O.
        await Task.Yield();
        try
        {
            using CancellationTokenSource deadline = new(Deadlines.Request, time);
            return await read(deadline.Token);
        }
        finally
        {
            // Before the task completes, so that a caller that asks afterwards gets a later read.
            lock (_underWay)
            {
                _underWay.Remove(key);
            }
        }
    }
}

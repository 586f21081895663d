namespace Licensing.Storage;

/// <summary>
/// A bounded cache of read results. Concurrent callers for the same key share one read, see
/// <see cref="SharedReads{TKey, TValue}"/>. Failed reads are not cached.
/// </summary>
/// <param name="capacity">Maximum number of entries; when it is reached, the least recently used is evicted.</param>
/// <param name="lifetime">How long a found value is returned without another read.</param>
/// <param name="missLifetime">The same for null (not found); zero to read again each time.</param>
/// <param name="time">Measures lifetimes.</param>
internal sealed class BoundedCache<TKey, TValue>(
    int capacity, TimeSpan lifetime, TimeSpan missLifetime, TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly LruCache<TKey, CachedRead> _entries = new(capacity);
    private readonly Lock _writing = new();
    private readonly SharedReads<TKey, TValue> _reads = new(time);

    /// <summary>Returns the cached value, without allocations, or reads it.</summary>
    /// <param name="key">The key of the value.</param>
    /// <param name="state">Passed to <paramref name="read"/>, so that it can be static and a hit needs no closure.</param>
    /// <param name="read">Reads from storage; its token is canceled after the time limit of a request.</param>
    /// <param name="cancellationToken">Stops waiting; the read continues for the other callers.</param>
    public Task<TValue?> GetAsync<TState>(
        TKey key, TState state, Func<TState, CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        Fresh(key) is { } entry ? entry.Value : ReadSharedAsync(key, state, read, cancellationToken);

    /// <summary>Reads now, regardless of cached values and reads in flight, and caches the result.</summary>
    public Task<TValue?> GetAnewAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        ReadAsync(key, read, cancellationToken);

    /// <summary>Returns the cached value, or null, without reading.</summary>
    public TValue? Peek(TKey key) => Fresh(key)?.Value.Result;

    private CachedRead? Fresh(TKey key) =>
        _entries.Find(key) is { } entry && time.GetElapsedTime(entry.Asked) < (entry.IsMiss ? missLifetime : lifetime) ? entry : null;

    private Task<TValue?> ReadSharedAsync<TState>(
        TKey key, TState state, Func<TState, CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        _reads.GetAsync(key, cancellationToken => ReadAsync(key, cancellationToken => read(state, cancellationToken), cancellationToken), cancellationToken);

    private async Task<TValue?> ReadAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken)
    {
        // The value is as old as the start of the read, however slow the reply.
        long asked = time.GetTimestamp();
        TValue? value = await read(cancellationToken);
        Remember(key, new CachedRead(Task.FromResult(value), value is null, asked));
        return value;
    }

    private void Remember(TKey key, CachedRead entry)
    {
        lock (_writing)
        {
            CachedRead? known = _entries.Find(key);
            // A slow read must not replace the result of a later one. Null needs no entry unless it replaces one.
            if (known is null ? !entry.IsMiss || missLifetime > TimeSpan.Zero : known.Asked <= entry.Asked)
            {
                _entries.Set(key, entry);
            }
        }
    }

    /// <param name="Value">A completed task, which every hit returns.</param>
    /// <param name="IsMiss">Whether the read found nothing.</param>
    /// <param name="Asked">Timestamp of <see cref="TimeProvider"/> just before the read.</param>
    private sealed record CachedRead(Task<TValue?> Value, bool IsMiss, long Asked);
}

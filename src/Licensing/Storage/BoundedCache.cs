namespace Licensing.Storage;

/// <summary>
/// Remembers what was read for a while, at most so many of them; callers that ask for the same thing at the same time
/// share one read, see <see cref="SharedReads{TKey, TValue}"/>. A read that failed is not remembered.
/// </summary>
/// <param name="capacity">Entries kept; when there are more, the least recently used go.</param>
/// <param name="lifetime">How long what was found is served without reading again.</param>
/// <param name="missLifetime">The same for null, what was not found; zero to look again each time.</param>
/// <param name="time">Measures lifetimes.</param>
internal sealed class BoundedCache<TKey, TValue>(
    int capacity, TimeSpan lifetime, TimeSpan missLifetime, TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly LruCache<TKey, Entry> _entries = new(capacity);
    private readonly Lock _writing = new();
    private readonly SharedReads<TKey, TValue> _reads = new(time);

    /// <summary>What is remembered, which allocates nothing, or what a read finds.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="state">Handed to <paramref name="read"/>, so that it can be static and a hit needs no closure.</param>
    /// <param name="read">One read of storage; its token fires when the read has taken as long as a request may.</param>
    /// <param name="cancellationToken">Stops waiting; a read that others share goes on.</param>
    public Task<TValue?> GetAsync<TState>(
        TKey key, TState state, Func<TState, CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        Fresh(key) is { } entry ? entry.Value : ReadSharedAsync(key, state, read, cancellationToken);

    /// <summary>Reads now, whatever is remembered or being read, and remembers that instead.</summary>
    public Task<TValue?> GetAnewAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        ReadAsync(key, read, cancellationToken);

    /// <summary>What is remembered, or null; reads nothing.</summary>
    public TValue? Peek(TKey key) => Fresh(key)?.Value.Result;

    private Entry? Fresh(TKey key) =>
        _entries.Find(key) is { } entry && time.GetElapsedTime(entry.Asked) < (entry.IsMiss ? missLifetime : lifetime) ? entry : null;

    private Task<TValue?> ReadSharedAsync<TState>(
        TKey key, TState state, Func<TState, CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        _reads.GetAsync(key, stop => ReadAsync(key, inner => read(state, inner), stop), cancellationToken);

    private async Task<TValue?> ReadAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken)
    {
        // What is read is as old as the question, however slow the answer.
        long asked = time.GetTimestamp();
        TValue? value = await read(cancellationToken);
        Remember(key, new Entry(Task.FromResult(value), value is null, asked));
        return value;
    }

    private void Remember(TKey key, Entry entry)
    {
        lock (_writing)
        {
            Entry? known = _entries.Find(key);
            // A slow read must not hide what a later one has brought; and nothing needs no room, unless it replaces something.
            if (known is null ? !entry.IsMiss || missLifetime > TimeSpan.Zero : known.Asked <= entry.Asked)
            {
                _entries.Set(key, entry);
            }
        }
    }

    /// <param name="Value">Completed: the task that each hit returns.</param>
    /// <param name="IsMiss">Whether nothing was found.</param>
    /// <param name="Asked">Timestamp of <see cref="TimeProvider"/>: storage was asked then, or a little later.</param>
    private sealed record Entry(Task<TValue?> Value, bool IsMiss, long Asked);
}

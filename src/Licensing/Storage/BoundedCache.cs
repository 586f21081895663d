using Microsoft.Extensions.Caching.Memory;

namespace Licensing.Storage;

/// <summary>
/// A bounded cache of read results. Concurrent callers for the same key share one read, see
/// <see cref="SharedReads{TKey, TValue}"/>. Failed reads are not cached.
/// </summary>
/// <param name="capacity">Maximum number of entries; when it is reached, some are evicted.</param>
/// <param name="lifetime">How long a found value is returned without another read.</param>
/// <param name="missLifetime">The same for null (not found); zero to read again each time.</param>
internal sealed class BoundedCache<TKey, TValue>(
    int capacity, TimeSpan lifetime, TimeSpan missLifetime, TimeProvider time) : IDisposable
    where TKey : notnull
    where TValue : class
{
    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = capacity });
    private readonly SharedReads<TKey, TValue> _reads = new(time);

    public async Task<TValue?> GetAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        Fresh(key) is { } entry
            ? entry.Value
            : await _reads.GetAsync(key, stop => ReadAsync(key, read, stop), cancellationToken);

    /// <summary>Reads now, regardless of cached values and reads in flight, and caches the result.</summary>
    public Task<TValue?> GetAnewAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        ReadAsync(key, read, cancellationToken);

    /// <summary>Returns the cached value, or null, without reading.</summary>
    public TValue? Peek(TKey key) => Fresh(key)?.Value;

    public void Dispose() => _entries.Dispose();

    private Entry? Fresh(TKey key) =>
        _entries.TryGetValue(key, out Entry? entry)
        && time.GetElapsedTime(entry!.Asked) < (entry.Value is null ? missLifetime : lifetime)
            ? entry
            : null;

    private async Task<TValue?> ReadAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken)
    {
        // The value is as old as the start of the read, however slow the reply.
        long asked = time.GetTimestamp();
        TValue? value = await read(cancellationToken);
        Remember(key, new Entry(value, asked));
        return value;
    }

    private void Remember(TKey key, Entry entry)
    {
        lock (_entries)
        {
            bool known = _entries.TryGetValue(key, out Entry? other);
            // A slow read must not replace the result of a later one. Null needs no entry unless it replaces one.
            if (known ? other!.Asked <= entry.Asked : entry.Value is not null || missLifetime > TimeSpan.Zero)
            {
                _entries.Set(key, entry, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = lifetime });
            }
        }
    }

    /// <param name="Asked">Timestamp of <see cref="TimeProvider"/> just before the read.</param>
    private sealed record Entry(TValue? Value, long Asked);
}

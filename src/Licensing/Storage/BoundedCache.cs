using Microsoft.Extensions.Caching.Memory;

namespace Licensing.Storage;

/// <summary>
/// Remembers what was read for a while, at most so many of them; callers that ask for the same thing at the same time
/// share one read, see <see cref="SharedReads{TKey, TValue}"/>. A read that failed is not remembered.
/// </summary>
/// <param name="capacity">Entries kept; past that some make room.</param>
/// <param name="lifetime">How long what was found is served without reading again.</param>
/// <param name="missLifetime">The same for null, what was not found; zero to look again each time.</param>
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

    /// <summary>Reads now, whatever is remembered or being read, and remembers that instead.</summary>
    public Task<TValue?> GetAnewAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken) =>
        ReadAsync(key, read, cancellationToken);

    /// <summary>What is remembered, or null; reads nothing.</summary>
    public TValue? Peek(TKey key) => Fresh(key)?.Value;

    public void Dispose() => _entries.Dispose();

    private Entry? Fresh(TKey key) =>
        _entries.TryGetValue(key, out Entry? entry)
        && time.GetElapsedTime(entry!.Asked) < (entry.Value is null ? missLifetime : lifetime)
            ? entry
            : null;

    private async Task<TValue?> ReadAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellationToken)
    {
        // What is read is as old as the question, however slow the answer.
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
            // A slow read must not hide what a later one has brought; and nothing needs no room, unless it replaces something.
            if (known ? other!.Asked <= entry.Asked : entry.Value is not null || missLifetime > TimeSpan.Zero)
            {
                _entries.Set(key, entry, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = lifetime });
            }
        }
    }

    /// <param name="Asked">Timestamp of <see cref="TimeProvider"/>: storage was asked then, or a little later.</param>
    private sealed record Entry(TValue? Value, long Asked);
}

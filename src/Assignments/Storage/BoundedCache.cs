using Microsoft.Extensions.Caching.Memory;

namespace Assignments.Storage;

/// <summary>
/// Remembers what was read for a while, at most so many of them; callers that ask for the same thing at the same time
/// share one read. A read that failed is not remembered.
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

    public async Task<TValue?> GetAsync(TKey key, Func<CancellationToken, Task<TValue?>> read, CancellationToken cancellation)
    {
        if (!_entries.TryGetValue(key, out Entry? entry) || entry!.IsStale(time))
        {
            entry = Join(key, entry, read);
        }

        // The read is shared: one caller that leaves must not cancel it for the others.
        return await entry.Value.WaitAsync(cancellation);
    }

    public void Remove(TKey key) => _entries.Remove(key);

    public void Dispose() => _entries.Dispose();

    private Entry Join(TKey key, Entry? stale, Func<CancellationToken, Task<TValue?>> read)
    {
        lock (_entries)
        {
            if (_entries.TryGetValue(key, out Entry? current) && current != stale)
            {
                return current!;
            }

            Entry entry = new();
            entry.Value = ReadAsync(entry, read);
            _entries.Set(key, entry, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = lifetime });
            return entry;
        }
    }

    private async Task<TValue?> ReadAsync(Entry entry, Func<CancellationToken, Task<TValue?>> read)
    {
        // What is read is as old as the question, however slow the answer.
        long asked = time.GetTimestamp();
        // Off the lock before the first I/O.
        await Task.Yield();
        try
        {
            using CancellationTokenSource deadline = new(Deadlines.Request, time);
            TValue? value = await read(deadline.Token);
            entry.StaleAfter(asked, value is null ? missLifetime : lifetime, time);
            return value;
        }
        catch
        {
            entry.StaleAfter(asked, TimeSpan.Zero, time);
            throw;
        }
    }

    private sealed class Entry
    {
        private long _staleAt = long.MaxValue;

        public Task<TValue?> Value { get; set; } = Task.FromResult<TValue?>(null);

        public bool IsStale(TimeProvider time) => time.GetTimestamp() >= Volatile.Read(ref _staleAt);

        public void StaleAfter(long asked, TimeSpan lifetime, TimeProvider time) =>
            Volatile.Write(ref _staleAt, asked + (long)(lifetime.TotalSeconds * time.TimestampFrequency));
    }
}

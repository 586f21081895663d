using System.Collections.Concurrent;

namespace Functions.PublicCheck;

/// <summary>
/// Keeps something of each client for a minute that begins when it is first asked for. By this instance alone: what
/// instances share would cost each request a storage call.
/// </summary>
internal sealed class ClientMinutes<T>(Func<T> begin, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>About 30 MB. Whoever has more addresses than that is not held by a limit for each.</summary>
    private const int MaxClients = 100_000;

    private readonly ConcurrentDictionary<ClientNetwork, Entry> _entries = new();
    private int _added;

    /// <summary>What is kept of this client, and how much of its minute is left.</summary>
    public (T Kept, TimeSpan Left) Of(ClientNetwork client)
    {
        long now = time.GetTimestamp();
        if (!_entries.TryGetValue(client, out Entry? entry) || time.GetElapsedTime(entry.Began, now) >= Minute)
        {
            entry = Begin(client, entry, now);
        }

        return (entry.Kept, Minute - time.GetElapsedTime(entry.Began, now));
    }

    private Entry Begin(ClientNetwork client, Entry? ended, long now)
    {
        if (ended is null && Interlocked.Increment(ref _added) > MaxClients)
        {
            _entries.Clear();
            _added = 0;
        }

        Entry entry = new(begin(), now);
        return _entries.AddOrUpdate(client, entry, (_, current) => current == ended ? entry : current);
    }

    private sealed record Entry(T Kept, long Began);
}

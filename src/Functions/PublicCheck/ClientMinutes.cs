using System.Collections.Concurrent;

namespace Functions.PublicCheck;

/// <summary>
/// Keeps a value per client for one minute, which starts with the client's first request. Instances do not share the
/// values, because that would cost a storage call per request.
/// </summary>
internal sealed class ClientMinutes<T>(Func<T> begin, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>About 30 MB. A client that controls more addresses than this cannot be limited by address.</summary>
    private const int MaxClients = 100_000;

    private readonly ConcurrentDictionary<ClientNetwork, Entry> _entries = new();
    private int _added;

    /// <summary>Returns the value of this client and the time left in its minute.</summary>
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

namespace Functions.PublicCheck;

/// <summary>
/// Counts requests per client in a minute that starts with the client's first request. Each instance has its own counts,
/// because sharing them would cost a storage call per request.
/// </summary>
internal sealed class ClientMinutes(TimeProvider time)
{
    /// <summary>Maximum clients. A new one replaces the one whose minute ends first.</summary>
    public const int MaxClients = 100_000;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<ClientNetwork, Count> _counts = [];

    /// <summary>The same clients, in the order in which their minutes end.</summary>
    private readonly Queue<ClientNetwork> _clients = new();

    /// <summary>Adds to a client's count.</summary>
    /// <param name="client">The client. A new minute starts if none is running.</param>
    /// <param name="number">The number to add; 0 only returns the count.</param>
    /// <returns>The new count, and how much of the minute is left.</returns>
    public (int Count, TimeSpan Left) Add(ClientNetwork client, int number)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            RemoveEnded(now);
            if (!_counts.TryGetValue(client, out Count count))
            {
                if (_counts.Count == MaxClients)
                {
                    _counts.Remove(_clients.Dequeue());
                }

                _clients.Enqueue(client);
                count = new Count(Began: now, 0);
            }

            _counts[client] = count with { Number = count.Number + number };
            return (count.Number + number, Minute - time.GetElapsedTime(count.Began, now));
        }
    }

    private void RemoveEnded(long now)
    {
        while (_clients.TryPeek(out ClientNetwork client) && time.GetElapsedTime(_counts[client].Began, now) >= Minute)
        {
            _counts.Remove(_clients.Dequeue());
        }
    }

    /// <param name="Began">Timestamp of <see cref="TimeProvider"/>.</param>
    /// <param name="Number">The count since then.</param>
    private readonly record struct Count(long Began, int Number);
}

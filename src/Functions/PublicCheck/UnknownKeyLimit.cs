using Licensing.ApiKeys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>
/// Limits the unknown API keys of each client: anyone can invent keys of the right form, and each costs a storage call.
/// </summary>
/// <remarks>
/// Many clients may share an address, some with valid keys and some guessing. A key that this instance has seen valid
/// is therefore never limited. A new key counts only once storage has said that it does not exist. If the lookups in
/// flight might use up the limit, further keys wait for their results.
/// </remarks>
public sealed class UnknownKeyLimit(IOptions<PublicCheckOptions> options, ApiKeyStore keys, TimeProvider time)
{
    private readonly PublicCheckOptions _options = options.Value;
    private readonly ClientMinutes _unknown = new(time);
    private readonly Lock _lock = new();

    /// <summary>The clients that have keys under way.</summary>
    private readonly Dictionary<ClientNetwork, Tries> _tries = [];

    /// <summary>Returns the valid key, or how long the client must wait before it may try another, or neither if the key is invalid.</summary>
    internal async Task<(ApiKey? Key, TimeSpan? Wait)> AuthenticateAsync(
        HttpContext context, ApiKeySecret secret, CancellationToken cancellationToken)
    {
        if (_options.RequestsPerMinute == 0)
        {
            return (await keys.AuthenticateAsync(secret, cancellationToken), null);
        }

        if (keys.HasSeen(secret) && await keys.AuthenticateAsync(secret, cancellationToken) is { } seen)
        {
            return (seen, null);
        }

        ClientNetwork client = ClientNetwork.Of(context, _options.ClientAddressHeader);
        if (await BeginAsync(client) is { } wait)
        {
            return (null, wait);
        }

        bool unknown = false;
        try
        {
            ApiKey? key = await keys.AuthenticateAsync(secret, cancellationToken);
            unknown = key is null;
            return (key, null);
        }
        finally
        {
            End(client, unknown);
        }
    }

    /// <summary>
    /// Returns null when one more key may be tried, else the time to wait, once enough lookups in flight have ended to
    /// tell. There is no cancellation: each lookup ends by its own deadline.
    /// </summary>
    private Task<TimeSpan?> BeginAsync(ClientNetwork client)
    {
        lock (_lock)
        {
            (int unknown, TimeSpan left) = _unknown.Add(client, 0);
            if (unknown >= _options.RequestsPerMinute)
            {
                return Task.FromResult<TimeSpan?>(left);
            }

            if (!_tries.TryGetValue(client, out Tries? tries))
            {
                _tries.Add(client, tries = new Tries());
            }

            if (unknown + tries.UnderWay < _options.RequestsPerMinute)
            {
                tries.UnderWay++;
                return Task.FromResult<TimeSpan?>(null);
            }

            TaskCompletionSource<TimeSpan?> turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            tries.Waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    private void End(ClientNetwork client, bool isUnknown)
    {
        lock (_lock)
        {
            Tries tries = _tries[client];
            tries.UnderWay--;
            (int unknown, TimeSpan left) = _unknown.Add(client, isUnknown ? 1 : 0);
            bool mayTry = unknown < _options.RequestsPerMinute;
            while (tries.Waiting.Count > 0 && (!mayTry || unknown + tries.UnderWay < _options.RequestsPerMinute))
            {
                tries.UnderWay += mayTry ? 1 : 0;
                tries.Waiting.Dequeue().SetResult(mayTry ? null : left);
            }

            if (tries.UnderWay == 0)
            {
                _tries.Remove(client);
            }
        }
    }

    /// <summary>The keys of one client that storage is asked for, and the callers that wait for what it says.</summary>
    private sealed class Tries
    {
        public Queue<TaskCompletionSource<TimeSpan?>> Waiting { get; } = new();

        public int UnderWay { get; set; }
    }
}

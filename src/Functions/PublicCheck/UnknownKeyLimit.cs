using Licensing.ApiKeys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>
/// Limits the unknown API keys of each client, because anyone can forge well-formed keys, and each costs a storage call.
/// </summary>
/// <remarks>
/// Clients with valid keys may share an address with one that guesses. A key that this instance has seen valid is
/// therefore never limited, and a new key counts only after storage has confirmed that it does not exist. If the lookups
/// in flight could use up the limit, further keys wait for their results.
/// </remarks>
public sealed class UnknownKeyLimit(IOptions<PublicCheckOptions> options, ApiKeyStore keys, TimeProvider time)
{
    private readonly PublicCheckOptions _options = options.Value;
    private readonly ClientMinutes _unknown = new(time);
    private readonly Lock _lock = new();

    /// <summary>The clients with lookups in flight.</summary>
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
    /// Returns null if the client may try another key, otherwise the time to wait. Waits until enough lookups in flight have
    /// ended to decide; that needs no cancellation, because each lookup has a deadline.
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

    /// <summary>The lookups of one client in flight, and the callers that wait for their results.</summary>
    private sealed class Tries
    {
        public Queue<TaskCompletionSource<TimeSpan?>> Waiting { get; } = new();

        public int UnderWay { get; set; }
    }
}

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
    private readonly ClientMinutes<Tries> _minutes = new(() => new Tries(options.Value.RequestsPerMinute), time);

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

        (Tries tries, TimeSpan wait) = _minutes.Of(ClientNetwork.Of(context, _options.ClientAddressHeader));
        if (!await tries.BeginAsync())
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
            tries.End(unknown);
        }
    }

    /// <summary>The keys that one client tries within its minute.</summary>
    private sealed class Tries(int limit)
    {
        private readonly Lock _lock = new();
        private readonly Queue<TaskCompletionSource<bool>> _waiting = new();
        private int _underWay;
        private int _unknown;

        /// <summary>
        /// Returns whether one more key may be tried, once enough lookups in flight have ended to tell. There is no
        /// cancellation: each lookup ends by its own deadline.
        /// </summary>
        public Task<bool> BeginAsync()
        {
            lock (_lock)
            {
                if (_unknown == limit)
                {
                    return Task.FromResult(false);
                }

                if (_unknown + _underWay < limit)
                {
                    _underWay++;
                    return Task.FromResult(true);
                }

                TaskCompletionSource<bool> turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(turn);
                return turn.Task;
            }
        }

        public void End(bool unknown)
        {
            lock (_lock)
            {
                _underWay--;
                _unknown += unknown ? 1 : 0;
                while (_waiting.Count > 0 && (_unknown == limit || _unknown + _underWay < limit))
                {
                    bool mayTry = _unknown < limit;
                    _underWay += mayTry ? 1 : 0;
                    _waiting.Dequeue().SetResult(mayTry);
                }
            }
        }
    }
}

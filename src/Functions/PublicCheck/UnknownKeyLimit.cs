using Licensing.ApiKeys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>
/// Counts the API keys of each client that do not exist: anyone can make up keys of the right form, and each costs a
/// look into storage.
/// </summary>
/// <remarks>
/// Who is behind one address may be many, a holder of a valid key and a guesser of keys among them. So a key that this
/// instance has seen valid is not held up, nor is one that comes in time: it is counted once storage has said that it
/// does not exist, and those for whom the rest of the minute's count may not suffice wait for that.
/// </remarks>
public sealed class UnknownKeyLimit(IOptions<PublicCheckOptions> options, ApiKeyStore keys, TimeProvider time)
{
    private readonly PublicCheckOptions _options = options.Value;
    private readonly ClientMinutes<Tries> _minutes = new(() => new Tries(options.Value.RequestsPerMinute), time);

    /// <summary>The valid key, or neither when it is none; or how long the client has to wait before it may try one.</summary>
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

    /// <summary>The keys that one client tries in its minute; at most so many prove unknown.</summary>
    private sealed class Tries(int limit)
    {
        private readonly Lock _lock = new();
        private readonly Queue<TaskCompletionSource<bool>> _waiting = new();
        private int _underWay;
        private int _unknown;

        /// <summary>
        /// Whether one more may be tried, known once enough of those under way have ended. It is not given up before:
        /// each of them ends by its own deadline.
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

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
    private readonly ClientMinutes _unknown = new(time);
    private readonly Lock _lock = new();

    /// <summary>The clients that have keys under way.</summary>
    private readonly Dictionary<ClientNetwork, Tries> _tries = [];

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
    /// Null when one more key may be tried, else how long the client has to wait; known once enough of those under way
    /// have ended. It is not given up before: each of them ends by its own deadline.
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

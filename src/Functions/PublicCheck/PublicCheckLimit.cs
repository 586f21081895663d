using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>Limits the checks of each client that sends no valid API key.</summary>
public sealed class PublicCheckLimit(IOptions<PublicCheckOptions> options, TimeProvider time)
{
    private readonly PublicCheckOptions _options = options.Value;
    private readonly ClientMinutes<Checks> _minutes = new(() => new Checks(), time);

    public bool IsOff => _options.RequestsPerMinute == 0;

    /// <summary>Counts a check and returns null if the client may make it; otherwise returns how long it must wait.</summary>
    public TimeSpan? WaitOf(HttpContext context) => WaitOf(ClientNetwork.Of(context, _options.ClientAddressHeader));

    internal TimeSpan? WaitOf(ClientNetwork client)
    {
        (Checks checks, TimeSpan left) = _minutes.Of(client);
        return checks.Count() <= _options.RequestsPerMinute ? null : left;
    }

    private sealed class Checks
    {
        private int _count;

        public int Count() => Interlocked.Increment(ref _count);
    }
}

using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Functions.PublicCheck;

/// <summary>
/// Counts the checks of each client over a minute that begins with its first. By this instance alone: a shared count
/// would cost each anonymous check a storage call.
/// </summary>
public sealed class PublicCheckLimit(IOptions<PublicCheckOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>About 30 MB. Whoever has more addresses than that is not held by a limit for each.</summary>
    private const int MaxClients = 100_000;

    private readonly PublicCheckOptions _options = options.Value;
    private readonly ConcurrentDictionary<ClientNetwork, Window> _windows = new();
    private int _added;

    public bool IsOff => _options.RequestsPerMinute == 0;

    /// <summary>Null when the client may check, and that is counted; else how long it has to wait.</summary>
    public TimeSpan? WaitOf(HttpContext context) => WaitOf(ClientNetwork.Of(context, _options.ClientAddressHeader));

    internal TimeSpan? WaitOf(ClientNetwork client)
    {
        long now = time.GetTimestamp();
        if (!_windows.TryGetValue(client, out Window? window) || time.GetElapsedTime(window.Began, now) >= Minute)
        {
            window = Begin(client, window, now);
        }

        using RateLimitLease lease = window.Limiter.AttemptAcquire();
        return lease.IsAcquired ? null : Minute - time.GetElapsedTime(window.Began, now);
    }

    private Window Begin(ClientNetwork client, Window? ended, long now)
    {
        if (ended is null && Interlocked.Increment(ref _added) > MaxClients)
        {
            _windows.Clear();
            _added = 0;
        }

        Window window = new(_options.RequestsPerMinute, now);
        return _windows.AddOrUpdate(client, window, (_, current) => current == ended ? window : current);
    }

    /// <summary>A client's minute; its limiter is never refilled, the next minute has another.</summary>
    private sealed class Window(int requests, long began)
    {
        public long Began { get; } = began;

        public FixedWindowRateLimiter Limiter { get; } = new(new FixedWindowRateLimiterOptions
        {
            PermitLimit = requests,
            Window = Minute,
            AutoReplenishment = false,
        });
    }
}

using Microsoft.Extensions.Hosting;

namespace Functions;

/// <summary>
/// Limits requests at shutdown. The Functions host kills a worker five seconds after SIGTERM, but a request may take
/// longer. So requests in flight get four more seconds, new ones are rejected at once, and the web server stays open until
/// all have a response. Has no effect unless it is registered as a hosted service.
/// </summary>
public sealed class ShutdownDeadline(TimeProvider time) : IHostedLifecycleService, IDisposable
{
    /// <summary>Leaves the last of the host's five seconds for writing responses and exiting.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource _passed = new(Timeout.InfiniteTimeSpan, time);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;
    private int _begun;

    /// <summary>Canceled when the time for requests in flight is over.</summary>
    internal CancellationToken Passed => _passed.Token;

    /// <summary>Returns whether a request may start. One that started must call <see cref="Leave"/>.</summary>
    internal bool TryEnter()
    {
        Interlocked.Increment(ref _inFlight);
        if (Volatile.Read(ref _begun) == 0)
        {
            return true;
        }

        Leave();
        return false;
    }

    internal void Leave()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0 && Volatile.Read(ref _begun) == 1)
        {
            _idle.TrySetResult();
        }
    }

    /// <summary>Runs before other services stop, including the web server.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _begun, 1);
        if (Volatile.Read(ref _inFlight) > 0)
        {
            _passed.CancelAfter(Grace);
            await _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _passed.Dispose();
}

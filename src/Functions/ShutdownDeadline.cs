using Microsoft.Extensions.Hosting;

namespace Functions;

/// <summary>
/// How requests end with the process. The Functions host kills a worker five seconds after it has told it to end, and a
/// request may take longer. So requests in flight get four seconds more, those that arrive are rejected at once, and the
/// web server stays open until all have their answer. Where nobody registers it as a hosted service it never begins.
/// </summary>
public sealed class ShutdownDeadline(TimeProvider time) : IHostedLifecycleService, IDisposable
{
    /// <summary>Leaves the host's last second to write the answers and to end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource _passed = new(Timeout.InfiniteTimeSpan, time);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;
    private int _begun;

    /// <summary>Cancelled when the requests that were in flight have had their time.</summary>
    internal CancellationToken Passed => _passed.Token;

    /// <summary>Whether a request may begin; one that did says when it ends.</summary>
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

    /// <summary>Runs before any other service stops, the web server among them.</summary>
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

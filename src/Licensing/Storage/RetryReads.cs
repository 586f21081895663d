using Azure.Core;
using Azure.Core.Pipeline;

namespace Licensing.Storage;

/// <summary>
/// Retries reads but never writes. The caller of a write must know whether an earlier attempt may have reached storage,
/// because that changes the meaning of a conflict.
/// </summary>
internal sealed class RetryReads : RetryPolicy
{
    internal const int MaxRetries = 2;
    internal static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    public RetryReads()
        : base(MaxRetries, DelayStrategy.CreateExponentialDelayStrategy(FirstDelay, maxDelay: TimeSpan.FromSeconds(1)))
    {
    }

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        IsRead(message) && base.ShouldRetry(message, exception);

    protected override ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        IsRead(message) ? base.ShouldRetryAsync(message, exception) : ValueTask.FromResult(false);

    private static bool IsRead(HttpMessage message) => message.Request.Method == RequestMethod.Get;
}

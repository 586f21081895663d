using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Licensing.ApiKeys;

/// <summary>Writes the uses of API keys every minute and at shutdown. No request waits for it.</summary>
internal sealed partial class ApiKeyUseWriter(ApiKeyUses uses, TimeProvider time, ILogger<ApiKeyUseWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AtTheEnd = TimeSpan.FromSeconds(2);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using CancellationTokenSource enough = new(AtTheEnd, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        await WriteAsync(either.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Shutting down.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await uses.WriteAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // Nothing depends on these times, and pending ones are written again.
            if (!cancellationToken.IsCancellationRequested)
            {
                // The type only: the message may contain a signed URL.
                LogNotWritten(exception.GetType().Name);
            }
        }
    }

    [LoggerMessage(100, LogLevel.Warning, "Could not write when API keys were last used ({Kind}); will retry.")]
    private partial void LogNotWritten(string kind);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Licensing.ApiKeys;

/// <summary>Has the uses of API keys written every minute, and once more at the end; no request waits for it.</summary>
internal sealed partial class ApiKeyUseWriter(ApiKeyUses uses, TimeProvider time, ILogger<ApiKeyUseWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AtTheEnd = TimeSpan.FromSeconds(2);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(AtTheEnd);
        await WriteAsync(enough.Token);
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
            // The end.
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
            // Nothing depends on it, and it is tried again.
            if (!cancellationToken.IsCancellationRequested)
            {
                // The kind only: the exception's text may hold a signed address.
                LogNotWritten(exception.GetType().Name);
            }
        }
    }

    [LoggerMessage(100, LogLevel.Warning, "When API keys were last used could not be written ({Kind}); it is tried again.")]
    private partial void LogNotWritten(string kind);
}

using Functions.Responses;
using Functions.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Functions;

/// <summary>
/// Returns 503 when an invocation ends without a response, for example because the platform cancelled it before the
/// function started. The worker's web server would return an empty 200, which clients take for a success.
/// </summary>
internal sealed partial class UnansweredRequests(ILogger<UnansweredRequests> logger) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(RespondAsync);
        next(app);
    };

    private async Task RespondAsync(HttpContext context, RequestDelegate next)
    {
        RequestGuard.SetHeaders(context.Response);
        // Every response of a function sets its own status.
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The worker gave up waiting for the host to start this invocation; no function has started.
        }

        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status503ServiceUnavailable } && !context.RequestAborted.IsCancellationRequested)
        {
            RequestTrace.Identify(context);
            LogUnanswered(Problem.TraceId(context));
            await Problem.StorageUnavailable.ExecuteAsync(context);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The invocation ended before its function started; returned 503. Trace {TraceId}.")]
    private partial void LogUnanswered(string traceId);
}

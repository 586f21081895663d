using Functions.Responses;
using Functions.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Functions;

/// <summary>
/// The worker's web server answers an empty 200 when an invocation ends without an answer: when the platform gives it
/// up before the function has begun, say. To a client that is a success, so here it is a 503.
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
        // Every answer of ours sets its own.
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The worker waited in vain for the host's word of this invocation; no function has begun.
        }

        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status503ServiceUnavailable } && !context.RequestAborted.IsCancellationRequested)
        {
            RequestTrace.Identify(context);
            LogUnanswered(Problem.TraceId(context));
            await Problem.StorageUnavailable.ExecuteAsync(context);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The invocation ended before its function began; answered 503. Trace {TraceId}.")]
    private partial void LogUnanswered(string traceId);
}

using Functions.Responses;
using Functions.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Functions;

/// <summary>
/// Returns 503 when an invocation ends without a response, for example because the platform canceled it before the
/// function started. The worker's web server would return an empty 200, which looks like success to clients.
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
        string failure = "";
        try
        {
            await next(context);
        }
        catch (Exception exception) when (IsUnanswered(context))
        {
            // RequestGuard catches the functions' exceptions. This one comes from the worker, which gave up waiting for the
            // HTTP request or for the host's invocation that belongs to it.
            failure = LoggedFailure.Of(exception);
        }

        if (IsUnanswered(context) && !context.RequestAborted.IsCancellationRequested)
        {
            RequestTrace.Identify(context);
            LogUnanswered(Problem.TraceId(context), failure);
            await Problem.StorageUnavailable.ExecuteAsync(context);
        }
    }

    private static bool IsUnanswered(HttpContext context) =>
        context.Response is { HasStarted: false, StatusCode: StatusCodes.Status503ServiceUnavailable };

    [LoggerMessage(1, LogLevel.Warning, "The invocation ended before its function started; returned 503. Trace {TraceId}. {Failure}")]
    private partial void LogUnanswered(string traceId, string failure);
}

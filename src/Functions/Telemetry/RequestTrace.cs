using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Functions.Telemetry;

/// <summary>
/// Gives a request one trace id for its response, logs and telemetry: the host's, or a new one. The id is kept on the
/// HTTP context, because the response is written after the function and its activity have ended.
/// </summary>
public sealed class RequestTrace : IFunctionsWorkerMiddleware
{
    /// <summary>Runs in the isolated worker before each function.</summary>
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http)
        {
            Identify(http, context.TraceContext.TraceParent);
        }

        return next(context);
    }

    /// <summary>Gives the request its trace id.</summary>
    /// <param name="context">The request.</param>
    /// <param name="traceParent">The W3C trace context from the host, or null without a host.</param>
    public static void Identify(HttpContext context, string? traceParent = null)
    {
        ActivityTraceId trace = ActivityContext.TryParse(traceParent, traceState: null, out ActivityContext host)
            ? host.TraceId
            : Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom();
        context.TraceIdentifier = trace.ToHexString();
    }
}

using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Functions.Telemetry;

/// <summary>
/// One trace id for a request, in its answer, its logs and its telemetry: the one that the host sent, or one of our own.
/// Kept on the HTTP context, because an answer is written after the function, and its activity, have ended.
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
    /// <param name="context">The request's.</param>
    /// <param name="traceParent">The W3C trace context that the host sent, where there is a host.</param>
    public static void Identify(HttpContext context, string? traceParent = null)
    {
        ActivityTraceId trace = ActivityContext.TryParse(traceParent, traceState: null, out ActivityContext host)
            ? host.TraceId
            : Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom();
        context.TraceIdentifier = trace.ToHexString();
    }
}

using System.Diagnostics;
using Functions.Responses;
using Functions.Telemetry;
using Licensing.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Functions;

/// <summary>
/// Gives every request a deadline, which is shorter at shutdown, and the common response headers, and turns every exception
/// into a problem document. The isolated worker would turn an exception into an empty 500.
/// </summary>
public sealed partial class RequestGuard(ILogger<RequestGuard> logger, TimeProvider time, ShutdownDeadline shutdown)
{
    /// <summary>Answers a request within its deadline; <paramref name="operation"/> is its name in telemetry.</summary>
    internal async Task<IResult> RespondAsync(
        string operation, HttpRequest request, Func<HttpRequest, CancellationToken, Task<IResult>> respond, CancellationToken cancellationToken)
    {
        using Activity? activity = RequestTelemetry.Start(operation);
        SetHeaders(request.HttpContext.Response);
        IResult result = await RespondInTimeAsync(request, respond, cancellationToken);
        RequestTelemetry.Responded(activity, operation, result);
        return result;
    }

    private async Task<IResult> RespondInTimeAsync(
        HttpRequest request, Func<HttpRequest, CancellationToken, Task<IResult>> respond, CancellationToken cancellationToken)
    {
        if (!shutdown.TryEnter())
        {
            return GivenUp(request.HttpContext);
        }

        try
        {
            return await RespondAsync(request, respond, cancellationToken);
        }
        finally
        {
            shutdown.Leave();
        }
    }

    private async Task<IResult> RespondAsync(
        HttpRequest request, Func<HttpRequest, CancellationToken, Task<IResult>> respond, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(Deadlines.Request, time);
        using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token, shutdown.Passed);
        try
        {
            IResult result = await respond(request, any.Token);
            // The client is not to blame if the platform ended the invocation while the body was being read.
            return ReferenceEquals(result, Problem.UnreadableBody) && IsGivenUp() ? GivenUp(request.HttpContext) : result;
        }
        catch (Exception) when (IsGivenUp())
        {
            return GivenUp(request.HttpContext);
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            LogStorageUnavailable(Problem.TraceId(request.HttpContext), LoggedFailure.Of(exception));
            return Problem.StorageUnavailable;
        }
        catch (Exception exception)
        {
            // The one place that catches everything.
            LogInternalError(Problem.TraceId(request.HttpContext), LoggedFailure.Of(exception));
            return Problem.InternalError;
        }

        bool IsGivenUp() => cancellationToken.IsCancellationRequested || shutdown.Passed.IsCancellationRequested;
    }

    /// <summary>
    /// The response when the platform ended the invocation or is ending the process: 503 if the client is still connected,
    /// nothing otherwise.
    /// </summary>
    private IResult GivenUp(HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return Results.Empty;
        }

        LogGivenUp(Problem.TraceId(context));
        return Problem.StorageUnavailable;
    }

    /// <summary>Sets the headers of every response.</summary>
    public static void SetHeaders(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
    }

    [LoggerMessage(1, LogLevel.Warning, "Storage is unavailable; returned 503. Trace {TraceId}. {Failure}")]
    private partial void LogStorageUnavailable(string traceId, string failure);

    [LoggerMessage(2, LogLevel.Error, "Unexpected failure; returned 500. Trace {TraceId}. {Failure}")]
    private partial void LogInternalError(string traceId, string failure);

    [LoggerMessage(3, LogLevel.Warning, "The platform ended the invocation or this process; returned 503. Trace {TraceId}.")]
    private partial void LogGivenUp(string traceId);
}

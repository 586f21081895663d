using System.Diagnostics;
using System.Diagnostics.Metrics;
using Functions.Responses;
using Licensing.Storage;
using Microsoft.AspNetCore.Http;

namespace Functions.Telemetry;

/// <summary>What a request tells: a span for each, within the host's own, and how it was answered.</summary>
internal static class RequestTelemetry
{
    private static readonly Counter<long> Requests = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.requests", "{request}", "Requests, by operation and code of the answer.");

    public static Activity? Start(string operation) => ServiceTelemetry.Source.StartActivity(operation);

    public static Activity? StartAuthentication() => ServiceTelemetry.Source.StartActivity("authenticate");

    public static void Answered(Activity? activity, string operation, IResult answer)
    {
        string code = answer switch
        {
            Problem problem => problem.Code,
            _ when answer == Results.Empty => "client_gone",
            _ => "ok",
        };
        Requests.Add(1, KeyValuePair.Create("operation", (object?)operation), KeyValuePair.Create("code", (object?)code));
        activity?.SetTag("code", code);
        if (answer is Problem { Status: >= 500 })
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }
    }
}

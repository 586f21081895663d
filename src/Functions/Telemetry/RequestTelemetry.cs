using System.Diagnostics;
using System.Diagnostics.Metrics;
using Functions.Responses;
using Licensing.Storage;
using Microsoft.AspNetCore.Http;

namespace Functions.Telemetry;

/// <summary>Telemetry of requests: a span for each, as a child of the host's, and a count by result.</summary>
internal static class RequestTelemetry
{
    private static readonly Counter<long> Requests = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.requests", "{request}", "Requests, by operation and result code.");

    public static Activity? Start(string operation) => ServiceTelemetry.Source.StartActivity(operation);

    public static Activity? StartAuthentication() => ServiceTelemetry.Source.StartActivity("authenticate");

    public static void Responded(Activity? activity, string operation, IResult response)
    {
        string code = response switch
        {
            Problem problem => problem.Code,
            _ when response == Results.Empty => "client_gone",
            _ => "ok",
        };
        Requests.Add(1, KeyValuePair.Create("operation", (object?)operation), KeyValuePair.Create("code", (object?)code));
        activity?.SetTag("code", code);
        if (response is Problem { Status: >= 500 })
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }
    }
}

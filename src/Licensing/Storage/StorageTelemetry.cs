using System.Diagnostics;
using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Licensing.Storage;

/// <summary>Counts and traces every attempt of every storage call, by table and operation.</summary>
internal sealed class StorageTelemetry : HttpPipelinePolicy
{
    private static readonly Counter<long> Calls = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.storage.calls", "{call}", "Calls to Table Storage, each attempt counted.");

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (!Calls.Enabled && !ServiceTelemetry.Source.HasListeners())
        {
            await ProcessNextAsync(message, pipeline);
            return;
        }

        (string table, string operation) = Describe(message.Request);
        using Activity? activity = StartCall(table, operation);
        string answer = "none";
        try
        {
            await ProcessNextAsync(message, pipeline);
            int status = message.Response.Status;
            answer = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            // Not found, conflict and changed since are expected responses.
            if (status >= 400 && status is not (404 or 409 or 412))
            {
                activity?.SetStatus(ActivityStatusCode.Error);
            }
        }
        catch
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            // Azure Monitor shows the second tag as the result code of the dependency.
            activity?.SetTag("http.response.status_code", answer).SetTag("microsoft.dependency.resultCode", answer);
            Count(table, operation, answer);
        }
    }

    /// <summary>Counts a call that was not sent because there was no token; it failed like one that storage denied.</summary>
    public static void NotSent(Request request)
    {
        (string table, string operation) = Describe(request);
        using Activity? activity = StartCall(table, operation);
        activity?.SetStatus(ActivityStatusCode.Error);
        Count(table, operation, "none");
    }

    private static Activity? StartCall(string table, string operation) =>
        ServiceTelemetry.Source.StartActivity($"{operation} {table}", ActivityKind.Client)
            ?.SetTag("db.system.name", "azure.tables").SetTag("db.collection.name", table).SetTag("db.operation.name", operation);

    private static void Count(string table, string operation, string answer) => Calls.Add(
        1,
        KeyValuePair.Create("table", (object?)table),
        KeyValuePair.Create("operation", (object?)operation),
        KeyValuePair.Create("status", (object?)answer));

    /// <summary>
    /// Parses the last segment of the path: <c>Table(PartitionKey='…',RowKey='…')</c>, <c>Table()</c>, <c>Table</c> or
    /// <c>$batch</c>, which is used for one table only. Drops the keys.
    /// </summary>
    private static (string Table, string Operation) Describe(Request request)
    {
        string path = request.Uri.Path;
        ReadOnlySpan<char> target = path.AsSpan(path.LastIndexOf('/') + 1);
        if (target.SequenceEqual("$batch"))
        {
            return ("Assignments", "transaction");
        }

        int bracket = target.IndexOf('(');
        string table = (bracket < 0 ? target : target[..bracket]).ToString();
        bool oneEntity = bracket >= 0 && target[bracket..].Length > 2;
        string operation = request.Method.Method switch
        {
            "GET" => oneEntity ? "get" : "query",
            "POST" => "insert",
            "DELETE" => "delete",
            _ => "update",
        };
        return (table, operation);
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Licensing.Storage;

/// <summary>Counts and traces each call to storage, each try by itself, by table and operation.</summary>
internal sealed class StorageTelemetry : HttpPipelinePolicy
{
    private static readonly Counter<long> Calls = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.storage.calls", "{call}", "Calls to Table Storage.");

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
            // What is not there, there already, or changed meanwhile is an answer that the service expects.
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
            // Azure Monitor shows the second as the dependency's result code.
            activity?.SetTag("http.response.status_code", answer).SetTag("microsoft.dependency.resultCode", answer);
            Count(table, operation, answer);
        }
    }

    /// <summary>A call that no identity got a token for: it failed like one that storage refused.</summary>
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
    /// From the last segment of the path: <c>Table(PartitionKey='…',RowKey='…')</c>, <c>Table()</c>, <c>Table</c> or
    /// <c>$batch</c>, which only one table has. The keys stay out of it.
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

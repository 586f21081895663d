using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TestSupport.Otlp;

/// <summary>An OpenTelemetry collector that keeps the spans and log records it receives.</summary>
public sealed class OtlpSink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<(Span Span, Resource Resource)> _spans = [];
    private readonly List<LogRecord> _logs = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpSink()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Traces(this)).AddSingleton(new Logs(this));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, grpc => grpc.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapGrpcService<Traces>();
        _app.MapGrpcService<Logs>();
    }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Endpoint => _app.Urls.Single();

    public static async Task<OtlpSink> StartAsync()
    {
        OtlpSink sink = new();
        await sink._app.StartAsync();
        return sink;
    }

    /// <summary>The spans of a trace, once this many have arrived.</summary>
    public async Task<IReadOnlyList<(Span Span, Resource Resource)>> SpansAsync(string traceId, int count, CancellationToken cancellationToken)
    {
        List<(Span, Resource)> spans = [];
        await UntilAsync(
            () =>
            {
                spans = [.. _spans.Where(each => Hex(each.Span.TraceId) == traceId)];
                return spans.Count >= count;
            },
            cancellationToken);
        return spans;
    }

    /// <summary>The first log record of a trace.</summary>
    public async Task<LogRecord> LogAsync(string traceId, CancellationToken cancellationToken)
    {
        LogRecord? log = null;
        await UntilAsync(() => (log = _logs.Find(each => Hex(each.TraceId) == traceId)) is not null, cancellationToken);
        return log!;
    }

    public static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (condition())
                {
                    return;
                }

                more = _more.Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private void Keep(Action add)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            add();
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        more.SetResult();
    }

    private sealed class Traces(OtlpSink sink) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            sink.Keep(() => sink._spans.AddRange(
                from resource in request.ResourceSpans
                from scope in resource.ScopeSpans
                from span in scope.Spans
                select (span, resource.Resource)));
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class Logs(OtlpSink sink) : LogsService.LogsServiceBase
    {
        public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context)
        {
            sink.Keep(() => sink._logs.AddRange(request.ResourceLogs.SelectMany(resource => resource.ScopeLogs).SelectMany(scope => scope.LogRecords)));
            return Task.FromResult(new ExportLogsServiceResponse());
        }
    }
}

using System.Diagnostics;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Spans and metrics belong to the process, so these tests run alone.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests(ApiHost host)
{
    [Fact]
    public async Task A_create_has_spans_from_authentication_to_storage_and_counts_its_seat()
    {
        List<Activity> spans = [];
        List<MetricSnapshot> metrics = [];
        await using LocalHostServer server = await host.StartAnotherAsync(services => services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource(ServiceTelemetry.Name).SetSampler(new AlwaysOnSampler()).AddInMemoryExporter(spans))
            .WithMetrics(meters => meters.AddMeter(ServiceTelemetry.Name).AddInMemoryExporter(metrics, reader =>
                reader.TemporalityPreference = MetricReaderTemporalityPreference.Delta)));
        World world = await World.CreateAsync(server, seats: 4, users: 2);
        await world.AssignAsync(world.Users[1]);
        using HttpResponseMessage known = await world.PutAsync(world.User, new { active = false });
        await known.OkAsync();
        server.Services.GetRequiredService<MeterProvider>().ForceFlush();
        server.Services.GetRequiredService<TracerProvider>().ForceFlush();
        (int spansBefore, int metricsBefore) = (spans.Count, metrics.Count);

        await world.AssignAsync(world.User);

        server.Services.GetRequiredService<TracerProvider>().ForceFlush();
        server.Services.GetRequiredService<MeterProvider>().ForceFlush();
        Activity create = Span("create");
        Activity authenticate = Span("authenticate");
        Activity commit = Span("commit");
        Activity transaction = Span("transaction Assignments");
        Assert.Equal(spansBefore + 4, spans.Count);
        Assert.Equal("ok", create.GetTagItem("code"));
        Assert.Equal(create.SpanId, authenticate.ParentSpanId);
        Assert.Equal(create.SpanId, commit.ParentSpanId);
        Assert.Equal(1, commit.GetTagItem("license_assignments.commit.size"));
        Assert.Equal(commit.SpanId, transaction.ParentSpanId);
        Assert.Equal("202", transaction.GetTagItem("http.response.status_code"));

        Assert.Equal(1, Sum("requests", ("operation", "create"), ("code", "ok")));
        Assert.Equal(1, Sum("seats.taken"));
        Assert.Equal(1, Sum("storage.calls", ("table", "Assignments"), ("operation", "transaction"), ("status", "202")));
        Assert.Equal(0.5, Point("license.seats_used_ratio").GetGaugeLastValueDouble());
        Assert.Equal((1, 1), (Point("commit.size").GetHistogramCount(), Point("commit.size").GetHistogramSum()));

        Activity Span(string name) => Assert.Single(spans.Skip(spansBefore), span => span.DisplayName == name);

        MetricPoint Point(string name) => Assert.Single(
            metrics.Skip(metricsBefore), metric => metric.Name == $"license_assignments.{name}").MetricPoints.Single();

        long Sum(string name, params (string Key, string Value)[] tags)
        {
            MetricPoint point = Point(name);
            List<(string, string)> seen = [];
            foreach (KeyValuePair<string, object?> tag in point.Tags)
            {
                seen.Add((tag.Key, (string)tag.Value!));
            }

            Assert.Equal(tags.Order(), seen.Order());
            return point.GetSumLong();
        }
    }
}

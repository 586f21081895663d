using TestSupport;
using TestSupport.Otlp;
using Xunit;

namespace Functions.Tests;

/// <summary>What the worker sends to a collector, under a host that sends it a trace.</summary>
public sealed class WorkerTelemetryTests(WorkerApi api)
{
    private const string Site = "licenses";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string ClientSpan = "00f067aa0ba902b7";

    [Fact]
    public async Task A_create_is_one_trace_from_host_to_storage_under_the_hosts_name()
    {
        await api.ServerAsync();
        await using OtlpSink sink = await OtlpSink.StartAsync();
        await using WorkerServer server = await StartAsync(sink);
        World world = await World.CreateAsync(server);
        await world.AssignAsync(world.Users[1]);

        using HttpResponseMessage created = await SendAsync(world, HttpMethod.Post, $"{World.Assignment}?license_id={world.License.Id}", world.Body(world.User).ToJsonString());
        await created.OkAsync();

        var spans = await sink.SpansAsync(Trace, 6, World.Cancellation);
        Span transaction = spans.Single(each => each.Span.Name == "transaction Assignments").Span;
        Span commit = Parent(transaction);
        Span create = Parent(commit);
        Span invocation = Parent(create);
        Assert.Equal(("commit", "create"), (commit.Name, create.Name));
        Assert.Equal("catalog_licenses_user_assignment_create", Attribute(invocation, "faas.name"));
        // Between the client's span and the invocation is the host's own.
        Assert.DoesNotContain(spans, each => each.Span.SpanId == invocation.ParentSpanId);
        Assert.NotEqual(ClientSpan, OtlpSink.Hex(invocation.ParentSpanId));
        Assert.NotEmpty(invocation.ParentSpanId);
        Assert.All(spans, each => Assert.True(each.Span == invocation || Parent(each.Span) is not null));
        Assert.All(spans, each => Assert.Equal(Site, each.Resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue));
        Assert.Equal("202", Attribute(transaction, "http.response.status_code"));
        Assert.DoesNotContain(world.User.Email!.Text, string.Concat(spans.Select(each => each.Span)), StringComparison.OrdinalIgnoreCase);

        Span Parent(Span span) => Assert.Single(spans, each => each.Span.SpanId == span.ParentSpanId).Span;
    }

    [Fact]
    public async Task A_warning_is_exported_with_the_trace_of_its_request_and_the_storage_call_is_an_error()
    {
        await api.ServerAsync();
        await using OtlpSink sink = await OtlpSink.StartAsync();
        await using WorkerServer server = await StartAsync(
            sink, ("Tables__ConnectionString", $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:{FreePort.Take()}/a;"));
        World world = await World.CreateAsync(server);

        using HttpResponseMessage unavailable = await SendAsync(world, HttpMethod.Get, $"{World.Check}?email=ada%40example.com", body: null);
        await unavailable.ProblemAsync(503, "storage_unavailable");

        LogRecord log = await sink.LogAsync(Trace, World.Cancellation);
        Assert.Equal("Warning", log.SeverityText);
        Assert.Contains(Trace, log.Body.StringValue, StringComparison.Ordinal);
        var spans = await sink.SpansAsync(Trace, 3, World.Cancellation);
        const int error = 2;
        Assert.Contains(spans, each => each.Span.Status?.Code == error && each.Span.Attributes.Any(attribute => attribute.Key == "db.collection.name"));
        Assert.DoesNotContain("ada", string.Concat(spans.Select(each => each.Span)) + log, StringComparison.OrdinalIgnoreCase);
    }

    private Task<WorkerServer> StartAsync(OtlpSink sink, params (string, string)[] more) => api.StartAnotherAsync(
    [
        ("WEBSITE_SITE_NAME", Site),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", sink.Endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
        .. more,
    ]);

    private static async Task<HttpResponseMessage> SendAsync(World world, HttpMethod method, string uri, string? body)
    {
        using HttpRequestMessage request = new(method, uri) { Content = body is null ? null : new StringContent(body, null, "application/json") };
        request.Headers.Add("traceparent", $"00-{Trace}-{ClientSpan}-01");
        request.Headers.TryAddWithoutValidation("Authorization", world.Key);
        return await world.Client.SendAsync(request, World.Cancellation);
    }

    private static string? Attribute(Span span, string key) => span.Attributes.SingleOrDefault(attribute => attribute.Key == key)?.Value.StringValue;
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Licenses;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Private data of a request appears in no log, no trace and no other response.</summary>
public sealed class PrivacyTests(ApiHost host) : IAsyncLifetime
{
    private const string Secret = PrivateRequests.Secret;

    private readonly Capture _capture = new();
    private readonly Failing _storage = new();
    private readonly ConcurrentQueue<string> _traces = new();
    private readonly ActivityListener _listener = new();
    private LocalHostServer _server = null!;
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _listener.ShouldListenTo = _ => true;
        _listener.Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded;
        _listener.ActivityStopped = activity => _traces.Enqueue(Text(activity));
        ActivitySource.AddActivityListener(_listener);
        _server = await host.StartAnotherAsync(
            services =>
            {
                services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_capture));
                services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_storage, HttpPipelinePosition.PerRetry));
            },
            "--Logging:LogLevel:Default=Trace",
            "--Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics=Trace",
            "--Logging:Capture:LogLevel:Default=Trace",
            "--Logging:Console:LogLevel:Default=None",
            "--PublicCheck:RequestsPerMinute=10");
        _world = await World.CreateAsync(_server, users: 3);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _listener.Dispose();
        _capture.Dispose();
    }

    [Fact]
    public async Task No_key_address_or_body_appears_in_a_log_or_trace()
    {
        PrivateRequests requests = new(_world);
        await requests.SendEverythingAsync(_world.Client, badBody: 400);
        _storage.Failure = message => new RequestFailedException(503, $"Server busy: {message.Request.Uri}", "ServerBusy", null);
        await requests.SendEverythingAsync(_world.Client, badBody: 400);
        string[] traces = [.. _traces];
        // The storage client's traces contain its exceptions, which quote no request; our logs contain none of them.
        string quote = $"The input string '{Secret} {_world.User.Email!.Text}' was not in a correct format.";
        _storage.Failure = _ => new IOException(quote, new SocketException((int)SocketError.ConnectionReset));
        await requests.SendEverythingAsync(_world.Client, badBody: 400);
        _storage.Failure = _ => new FormatException(quote);
        await requests.SendEverythingAsync(_world.Client, badBody: 400);

        // The listener worked: it has ASP.NET Core's lowest levels, this service's records and both ends of a trace.
        Assert.Contains(_capture.Lines, line => line.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal));
        Assert.Contains(_capture.Lines, line => line.StartsWith("Functions.RequestGuard", StringComparison.Ordinal) && line.Contains("503", StringComparison.Ordinal));
        Assert.Contains(_capture.Lines, line => line.Contains("System.FormatException", StringComparison.Ordinal));
        Assert.Contains(traces, trace => trace.StartsWith("Microsoft.AspNetCore.Hosting.HttpRequestIn", StringComparison.Ordinal));
        Assert.Contains(traces, trace => trace.Contains("/devstoreaccount1/", StringComparison.Ordinal));
        Assert.Equal([], _capture.Lines.Concat(traces)
            .Where(requests.LeakInto)
            .Select(line => line.Split(' ', '\n')[0])
            .Distinct());
    }

    [Fact]
    public async Task An_internal_error_response_has_no_details()
    {
        await _world.AssignAsync(_world.User);
        foreach ((Exception failure, int status, string code) in new (Exception, int, string)[]
        {
            (new RequestFailedException(503, Secret), 503, "storage_unavailable"),
            (new FormatException(Secret), 500, "internal_error"),
        })
        {
            _storage.Failure = _ => failure;
            using HttpResponseMessage response = await _world.DeleteAsync(1);
            await response.ProblemAsync(status, code);
            string text = await response.Content.ReadAsStringAsync(World.Cancellation);
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Missing_and_foreign_items_get_the_same_response()
    {
        World other = await World.CreateAsync(_server);
        License license = await other.AddLicenseAsync(seats: null, id: 4711);
        User user = await other.AddUserAsync("stranger", "stranger@privacy.example.com", id: 4711);
        using HttpResponseMessage made = await other.PutAsync(license.Id, other.Body(user, new { license_id = license.Id }));
        long id = (await made.OkAsync())["id"]!.GetValue<long>();

        await AssertSameResponseAsync(
            () => _world.PutAsync(4711, _world.Body(_world.User, new { license_id = 4711 })),
            () => _world.PutAsync(4712, _world.Body(_world.User, new { license_id = 4712 })));
        await AssertSameResponseAsync(() => _world.PutAsync(user), () => _world.PutAsync(user with { Id = 4712 }));
        await AssertSameResponseAsync(
            () => _world.PutAsync(_world.User, new { user_id = (long?)null, email = "stranger@privacy.example.com" }),
            () => _world.PutAsync(_world.User, new { user_id = (long?)null, email = "nobody@privacy.example.com" }));
        await AssertSameResponseAsync(() => _world.DeleteAsync(id, 4711), () => _world.DeleteAsync(4712, 4712));
        await AssertSameResponseAsync(
            () => _world.Client.GetAsync($"{World.Check}?email={Uri.EscapeDataString(other.Users[0].Email!.Text)}", World.Cancellation),
            () => _world.Client.GetAsync($"{World.Check}?email=nobody@privacy.example.com", World.Cancellation));
    }

    [Theory]
    [InlineData("POST", World.Assignment, 401)]
    [InlineData("DELETE", World.Assignment, 401)]
    [InlineData("GET", World.Check, 400)]
    [InlineData("GET", World.Check + "?email=nobody@example.com", 404)]
    [InlineData("PUT", World.Assignment, 404)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/api/nothing", 404)]
    public async Task Every_response_forbids_caching_and_sniffing_and_does_not_name_the_server(string method, string path, int status)
    {
        using HttpResponseMessage response = await _world.SendAsync(new HttpMethod(method), path, authorization: "");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("X-Powered-By"));
    }

    private static async Task AssertSameResponseAsync(Func<Task<HttpResponseMessage>> anothers, Func<Task<HttpResponseMessage>> missing)
    {
        using HttpResponseMessage one = await anothers();
        using HttpResponseMessage other = await missing();
        Assert.Equal(HttpStatusCode.NotFound, one.StatusCode);
        var answer = await one.JsonAsync();
        var expected = await other.JsonAsync();
        answer.Remove("traceId");
        expected.Remove("traceId");
        Assert.Equal(expected.ToJsonString(), answer.ToJsonString());
        Assert.Equal(
            other.Headers.Concat(other.Content.Headers).Select(header => header.Key),
            one.Headers.Concat(one.Content.Headers).Select(header => header.Key));
    }

    private static string Text(Activity activity) => string.Join(
        '\n',
        [
            activity.OperationName,
            activity.DisplayName,
            activity.StatusDescription,
            activity.TraceStateString,
            .. activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"),
            .. activity.Baggage.Select(item => $"{item.Key}={item.Value}"),
            .. activity.Events.SelectMany(@event => @event.Tags.Select(tag => $"{@event.Name} {tag.Key}={tag.Value}")),
        ]);

    /// <summary>Keeps all log records as text, with their parts, scopes and exceptions.</summary>
    [ProviderAlias("Capture")]
    private sealed class Capture : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(Capture capture, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => capture._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                StringBuilder line = new($"{category} {logLevel} {eventId} {formatter(state, exception)} {exception}");
                Append(line, state);
                capture._scopes.ForEachScope((scope, to) => Append(to, scope), line);
                capture.Lines.Enqueue(line.ToString());
            }

            private static void Append(StringBuilder line, object? state) => line.Append(' ').Append(
                state is IEnumerable<KeyValuePair<string, object?>> parts
                    ? string.Join(' ', parts.Select(part => $"{part.Key}={part.Value}"))
                    : state);
        }
    }

    private sealed class Failing : HttpPipelineSynchronousPolicy
    {
        public Func<HttpMessage, Exception>? Failure { get; set; }

        public override void OnSendingRequest(HttpMessage message)
        {
            if (Failure is { } failure)
            {
                throw failure(message);
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FunctionsHost;
using Microsoft.Extensions.Logging;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Behavior of the worker under a host: canceled invocations, the host's trace, log records sent to the host.</summary>
public sealed class WorkerTests(WorkerApi api)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>Makes the worker log when it has both halves of an invocation, because it ignores a cancellation before that.</summary>
    private static readonly (string, string) SayWhenBegun = ("Logging__LogLevel__Microsoft.Azure.Functions.Worker", "Debug");

    /// <summary>Not shared, because it gets frozen.</summary>
    private readonly AzuriteFixture _frozen = new();

    [Fact]
    public async Task An_invocation_canceled_by_the_platform_is_503_and_the_repeated_request_succeeds()
    {
        await _frozen.InitializeAsync();
        await using WorkerServer server = await WorkerServer.StartAsync(_frozen, _frozen.NewPrefix(), SayWhenBegun);
        World world = await World.CreateAsync(server, seats: 1, users: 2);
        long id = await world.AssignAsync(world.User);
        HttpResponseMessage[] canceled = [];
        int before = Begun(server.Host);

        await _frozen.FreezeAsync(async () =>
        {
            Task<HttpResponseMessage>[] sent =
            [
                world.DeleteAsync(id),
                world.PutAsync(world.User, new { metadata = new { again = true } }),
                world.Client.GetAsync($"{World.Check}?email={world.User.Email!.Text}", World.Cancellation),
            ];
            await server.Host.UntilAsync(host => Begun(host) == before + sent.Length, World.Cancellation);
            server.Host.CancelInvocations();
            canceled = await Task.WhenAll(sent);
        });

        foreach (HttpResponseMessage response in canceled)
        {
            await response.ProblemAsync(503, "storage_unavailable");
            Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
            response.Dispose();
        }

        using HttpResponseMessage deleted = await world.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await world.AssignAsync(world.Users[1]);
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
        await _frozen.DisposeAsync();
    }

    [Fact]
    public async Task An_invocation_that_ends_while_its_body_is_read_is_503()
    {
        await api.ServerAsync();
        await using WorkerServer server = await api.StartAnotherAsync(SayWhenBegun);
        World world = await World.CreateAsync(server);
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, world.Client.BaseAddress!.Port, World.Cancellation);
        using NetworkStream stream = client.GetStream();
        using StreamReader reader = new(stream);

        // Longer than what the host buffers before it sends anything to the worker.
        string half = new(' ', 20_000);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {World.Assignment}?license_id=1 HTTP/1.1\r\nHost: x\r\nAuthorization: {world.Key}\r\nContent-Length: 40000\r\nConnection: close\r\n\r\n{half}"),
            World.Cancellation);
        await server.Host.UntilAsync(host => Begun(host) == 1, World.Cancellation);
        server.Host.CancelInvocations();
        await server.Host.UntilAsync(host => host.Logs.Any(log => log.Message.Contains("returned 503", StringComparison.Ordinal)), World.Cancellation);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(half), World.Cancellation);
        string answer = await reader.ReadToEndAsync(World.Cancellation);

        // The host returns the response once it has sent the whole body; if the worker closes the connection earlier, the host returns 500.
        Assert.True(
            answer.StartsWith("HTTP/1.1 503", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 500", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task On_SIGTERM_a_worker_rejects_new_requests_completes_those_in_flight_and_exits_in_time()
    {
        await api.ServerAsync();
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        await using WorkerServer server = await api.StartAnotherAsync(
            ("Tables__ConnectionString", $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://{silent.LocalEndpoint}/a;"));
        World world = await World.CreateAsync(server);
        Task<HttpResponseMessage> inFlight = world.PutAsync(world.User);
        using TcpClient call = await silent.AcceptTcpClientAsync(World.Cancellation);

        Task<int?> ended = server.Host.TerminateWorkerAsync(World.Cancellation);
        bool rejected = await IsOneRejectedAsync(world, inFlight);
        using HttpResponseMessage answered = await inFlight;

        Assert.True(rejected);
        await answered.ProblemAsync(503, "storage_unavailable");
        Assert.Equal(0, await ended);
    }

    /// <summary>Sends requests that need no storage while another is in flight, until one is rejected because of the shutdown.</summary>
    private static async Task<bool> IsOneRejectedAsync(World world, Task inFlight)
    {
        while (!inFlight.IsCompleted)
        {
            using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, World.Assignment, authorization: "");
            if (response.StatusCode != HttpStatusCode.Unauthorized)
            {
                await response.ProblemAsync(503, "storage_unavailable");
                Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
                return !inFlight.IsCompleted;
            }
        }

        return false;
    }

    [Fact]
    public async Task A_response_has_the_trace_id_that_the_host_sent()
    {
        World world = await World.CreateAsync(await api.ServerAsync());
        using HttpRequestMessage request = new(HttpMethod.Get, $"{World.Check}?email=nobody@example.com");
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");

        using HttpResponseMessage response = await world.Client.SendAsync(request, World.Cancellation);

        JsonObject problem = await response.ProblemAsync(404, "no_active_assignment");
        Assert.Equal(Trace, problem["traceId"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_logged_failure_has_the_trace_id_of_its_response()
    {
        await _frozen.InitializeAsync();
        await using WorkerServer server = await WorkerServer.StartAsync(_frozen, _frozen.NewPrefix(), SayWhenBegun);
        World world = await World.CreateAsync(server);
        string trace = "";
        await _frozen.FreezeAsync(async () =>
        {
            Task<HttpResponseMessage> sent = world.DeleteAsync(1);
            await server.Host.UntilAsync(host => Begun(host) == 1, World.Cancellation);
            server.Host.CancelInvocations();
            using HttpResponseMessage response = await sent;
            trace = (await response.ProblemAsync(503, "storage_unavailable"))["traceId"]!.GetValue<string>();
        });

        await server.Host.UntilAsync(host => host.Logs.Any(log => log.Message.Contains(trace, StringComparison.Ordinal)), World.Cancellation);
        WorkerLog log = Assert.Single(server.Host.Logs, log => log.Message.Contains(trace, StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, log.Level);
        await _frozen.DisposeAsync();
    }

    [Theory]
    [InlineData]
    [InlineData("Logging__LogLevel__Default=Information", "Logging__LogLevel__Microsoft.AspNetCore=Information", "Logging__LogLevel__Microsoft.AspNetCore.Routing=Debug")]
    public async Task A_successful_request_sends_no_log_record_to_the_host(params string[] settings)
    {
        await api.ServerAsync();
        await using WorkerServer server = await api.StartAnotherAsync(
            [.. settings.Select(setting => setting.Split('=')).Select(setting => (setting[0], setting[1]))]);
        World world = await World.CreateAsync(server);

        long id = await world.AssignAsync(world.User);
        Assert.Equal(HttpStatusCode.OK, await world.CheckAsync(world.User.Email!.Text));
        using HttpResponseMessage deleted = await world.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using HttpResponseMessage refused = await world.SendAsync(HttpMethod.Post, World.Assignment, authorization: "");
        await refused.ProblemAsync(401, "unauthenticated");

        // A request's log records have been sent when its invocation has ended.
        await server.Host.UntilAsync(host => host.InFlight == 0, World.Cancellation);
        Assert.Equal([], server.Host.Logs.Where(log => log.InvocationId.Length > 0 || log.Category.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("POST", World.Assignment, 401)]
    [InlineData("DELETE", World.Assignment, 401)]
    [InlineData("GET", World.Check, 400)]
    [InlineData("GET", World.Check + "?email=nobody@example.com", 404)]
    public async Task Every_response_forbids_caching_and_sniffing_and_does_not_name_the_server(string method, string path, int status)
    {
        World world = await World.CreateAsync(await api.ServerAsync());

        using HttpResponseMessage response = await world.SendAsync(new HttpMethod(method), path, authorization: "");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("X-Powered-By"));
    }

    /// <summary>How many invocations have reached their function.</summary>
    private static int Begun(WorkerHost host) => Math.Min(
        host.Logs.Count(log => log.Message.StartsWith("HttpContext set", StringComparison.Ordinal)),
        host.Logs.Count(log => log.Message.StartsWith("FunctionContext set", StringComparison.Ordinal)));
}

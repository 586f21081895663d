using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Storage unreachable, slow or throttled: 503 within the deadline, no partial changes, and recovery without help.</summary>
public sealed class StorageOutageTests(ApiHost host)
{
    private enum Kind
    {
        None,
        ConnectionRefused,
        ConnectionBroken,
        Disconnected,
        Silent,
        Throttled,
        Busy,
        NoToken,
        Unauthorized,
        Forbidden,
    }

    /// <summary>All in parallel, because each takes the whole deadline.</summary>
    [Fact]
    public async Task Requests_are_503_with_Retry_After_and_succeed_once_storage_is_back() =>
        await Task.WhenAll(Enum.GetValues<Kind>().Where(kind => kind != Kind.None).Select(FailAndRecoverAsync));

    /// <summary>A check makes three attempts to read before it returns 503.</summary>
    [Theory]
    [InlineData(nameof(Kind.ConnectionRefused), 3)]
    [InlineData(nameof(Kind.Disconnected), 3)]
    [InlineData(nameof(Kind.NoToken), 1)]
    [InlineData(nameof(Kind.Unauthorized), 1)]
    [InlineData(nameof(Kind.Forbidden), 1)]
    public async Task A_create_without_storage_is_503_after_no_more_tries_than_a_check(string kind, int tries)
    {
        (LocalHostServer server, World world, Outage outage) = await StartAsync(users: 100);
        await using LocalHostServer _ = server;
        await WarmAsync(world);
        outage.Fail(Enum.Parse<Kind>(kind));

        HttpResponseMessage[] responses = await Task.WhenAll(world.Users.Select(user => world.PutAsync(user)));

        foreach (HttpResponseMessage response in responses)
        {
            await response.ProblemAsync(503, "storage_unavailable");
            response.Dispose();
        }

        // All others were answered together with the first, or came later and read the license first.
        Assert.InRange(outage.Transactions, 1, tries);
    }

    [Fact]
    public async Task Ids_of_creates_that_never_reached_storage_are_reused()
    {
        (LocalHostServer server, World world, Outage outage) = await StartAsync(users: 5);
        await using LocalHostServer _ = server;
        await WarmAsync(world);
        long before = await world.AssignAsync(world.Users[0]);
        outage.Fail(Kind.ConnectionRefused);

        foreach (User user in world.Users.Skip(1))
        {
            using HttpResponseMessage response = await world.PutAsync(user);
            await response.ProblemAsync(503, "storage_unavailable");
        }

        outage.Fail(Kind.None);
        Assert.InRange(await world.AssignAsync(world.Users[1]), 1, before + 1);
    }

    [Fact]
    public async Task Denied_access_is_logged_once_with_what_to_do()
    {
        LogLines log = new();
        (LocalHostServer server, World world, Outage outage) = await StartAsync(users: 2, log);
        await using LocalHostServer _ = server;
        await WarmAsync(world);
        foreach (Kind kind in new[] { Kind.NoToken, Kind.Forbidden })
        {
            outage.Fail(kind);
            foreach (User user in world.Users)
            {
                using HttpResponseMessage response = await world.PutAsync(user);
                await response.ProblemAsync(503, "storage_unavailable");
            }
        }

        Assert.Single(log.Errors, line => line.Contains("managed identity", StringComparison.Ordinal));
        Assert.Single(log.Errors, line => line.Contains("Storage Table Data Contributor", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Missing_tables_mean_no_assignments_or_keys_and_one_log_line_says_what_to_do()
    {
        LogLines log = new();
        await using LocalHostServer server = await host.StartWithoutTablesAsync(log.AddTo);
        World world = new(server, new Platform("p", "p-org", Suspended: false), ApiKeySecret.Create().Reveal(), License(1), []);

        using HttpResponseMessage check = await world.Client.GetAsync($"{World.Check}?email=ada@example.com", World.Cancellation);
        await check.ProblemAsync(404, "no_active_assignment");
        using HttpResponseMessage create = await world.PutAsync(1, new System.Text.Json.Nodes.JsonObject { ["license_id"] = 1, ["user_id"] = 1 });
        await create.ProblemAsync(401, "unauthenticated");
        using HttpResponseMessage delete = await world.DeleteAsync(1, licenseId: 1);
        await delete.ProblemAsync(401, "unauthenticated");

        Assert.Single(log.Errors, line => line.Contains("license-admin platform create", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_table_makes_writes_503_and_checks_404_and_is_logged()
    {
        LogLines log = new();
        await using LocalHostServer server = await host.StartWithoutTablesAsync(log.AddTo);
        await server.Services.GetRequiredService<Tables>().CreateIfMissingAsync(World.Cancellation);
        World world = await World.CreateAsync(server);
        await WarmAsync(world);
        await world.AssignAsync(world.Users[0]);
        string prefix = server.Services.GetRequiredService<IOptions<TablesOptions>>().Value.Prefix;
        await server.Services.GetRequiredService<TableServiceClient>().DeleteTableAsync($"{prefix}Assignments", World.Cancellation);

        using HttpResponseMessage create = await world.PutAsync(world.Users[1]);
        await create.ProblemAsync(503, "storage_unavailable");
        Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(world.Users[0].Email!.Text));

        Assert.Single(log.Errors, line => line.Contains("license-admin platform create", StringComparison.Ordinal));
    }

    private static License License(long id) =>
        new("p", id, "Course", Seats: null, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Version: 1);

    /// <summary>The instance has cached its users, license and a block of ids; no seat is taken.</summary>
    private static async Task WarmAsync(World world)
    {
        long[] ids = await Task.WhenAll(world.Users.Select(user => world.AssignAsync(user)));
        HttpResponseMessage[] deleted = await Task.WhenAll(ids.Select(id => world.DeleteAsync(id)));
        Assert.All(deleted, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    private async Task<(LocalHostServer Server, World World, Outage Outage)> StartAsync(int users, LogLines? log = null)
    {
        Outage outage = new();
        LocalHostServer server = await host.StartAnotherAsync(services =>
        {
            log?.AddTo(services);
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(outage, HttpPipelinePosition.BeforeTransport));
        });
        return (server, await World.CreateAsync(server, seats: null, users), outage);
    }

    private async Task FailAndRecoverAsync(Kind kind)
    {
        Outage outage = new();
        await using LocalHostServer server = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(outage, HttpPipelinePosition.BeforeTransport)));
        World world = await World.CreateAsync(server, seats: 50, users: 40);
        long[] ids = await Task.WhenAll(world.Users.Select(user => world.AssignAsync(user)));
        outage.Fail(kind);

        HttpResponseMessage[] responses = await Task.WhenAll(
        [
            .. world.Users.Skip(1).Select(user => world.PutAsync(user, new { active = false })),
            world.DeleteAsync(ids[0]),
            world.Client.GetAsync($"{World.Check}?email={world.Users[1].Email!.Text}", World.Cancellation),
        ]);
        foreach (HttpResponseMessage response in responses)
        {
            JsonObject problem = await response.ProblemAsync(503, "storage_unavailable");
            Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
            Assert.Equal(2, problem["retry_after"]!.GetValue<int>());
            response.Dispose();
        }

        outage.Fail(Kind.None);

        using HttpResponseMessage updated = await world.PutAsync(world.Users[1], new { active = false });
        await updated.OkAsync();
        using HttpResponseMessage deleted = await world.DeleteAsync(ids[0]);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(world.Users[1].Email!.Text));
    }

    private sealed class Outage : HttpPipelinePolicy
    {
        private readonly int _closedPort = FreePort.Take();
        private int _transactions;

        public Kind Now { get; private set; }

        /// <summary>Transactions attempted since the last change.</summary>
        public int Transactions => _transactions;

        public void Fail(Kind kind) => (Now, _transactions) = (kind, 0);

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            bool transaction = message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal);
            Interlocked.Add(ref _transactions, transaction ? 1 : 0);
            switch (Now)
            {
                case Kind.None:
                    await ProcessNextAsync(message, pipeline);
                    return;
                case Kind.ConnectionRefused:
                    message.Request.Uri.Port = _closedPort;
                    await ProcessNextAsync(message, pipeline);
                    return;
                case Kind.ConnectionBroken:
                    throw new IOException("The connection broke.");
                case Kind.Disconnected:
                    throw new SocketException((int)SocketError.NotConnected);
                case Kind.Throttled:
                    throw new RequestFailedException(429, "Too many requests.");
                case Kind.Busy:
                    throw new RequestFailedException(503, "The server is busy.");
                case Kind.NoToken:
                    throw new CredentialUnavailableException("No managed identity endpoint was found.");
                case Kind.Unauthorized:
                    throw new RequestFailedException(401, "The token has expired.");
                case Kind.Forbidden:
                    // The response of storage without a role or with a wrong key.
                    message.Request.Headers.SetValue("Authorization", "SharedKeyLite devstoreaccount1:AAAA");
                    await ProcessNextAsync(message, pipeline);
                    return;
                default:
                    await new TaskCompletionSource().Task.WaitAsync(message.CancellationToken);
                    return;
            }
        }
    }
}

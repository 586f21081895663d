using System.Net;
using System.Text.Json.Nodes;
using Functions.PublicCheck;
using Licensing.ApiKeys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>The limit on public checks per client address, on servers that allow three a minute.</summary>
public sealed class CheckLimitTests(ApiHost host)
{
    private readonly SetClock _clock = new();

    [Fact]
    public async Task A_client_over_its_limit_is_rejected_until_a_minute_after_its_first_check()
    {
        await using LocalHostServer server = await StartAsync();
        await AssertThreeChecksServedAsync(server);

        _clock.Ahead += TimeSpan.FromSeconds(20);
        using HttpResponseMessage refused = await server.Client.GetAsync($"{World.Check}?email=a@example.com", World.Cancellation);
        JsonObject problem = await refused.ProblemAsync(429, "too_many_requests");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 40);
        Assert.Equal(refused.Headers.RetryAfter.Delta.Value.TotalSeconds, problem["retry_after"]!.GetValue<int>());

        _clock.Ahead += TimeSpan.FromSeconds(40);
        await AssertThreeChecksServedAsync(server);
    }

    [Fact]
    public async Task An_invalid_check_counts_towards_the_limit()
    {
        await using LocalHostServer server = await StartAsync();
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage invalid = await server.Client.GetAsync(World.Check, World.Cancellation);
            await invalid.InvalidAsync("email");
        }

        Assert.Equal(429, await CheckAsync(server));
    }

    [Fact]
    public async Task A_valid_key_is_not_limited_and_an_invalid_one_is()
    {
        await using LocalHostServer server = await StartAsync();
        World world = await World.CreateAsync(server);
        (_, ApiKeySecret expired) = await server.Services.GetRequiredService<ApiKeyStore>()
            .CreateAsync(world.Platform, "old", TimeProvider.System.GetUtcNow().AddSeconds(-1), World.Cancellation);
        string[] invalid = ["", "nonsense", ApiKeySecret.Create().Reveal(), expired.Reveal()];
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(404, await CheckAsync(server, world.Key));
        }

        foreach (string key in invalid[1..])
        {
            Assert.Equal(404, await CheckAsync(server, key));
        }

        foreach (string key in invalid)
        {
            Assert.Equal(429, await CheckAsync(server, key));
        }

        Assert.Equal(404, await CheckAsync(server, world.Key));
    }

    [Fact]
    public async Task The_other_operations_are_not_limited()
    {
        await using LocalHostServer server = await StartAsync();
        World world = await World.CreateAsync(server);
        for (int i = 0; i < 5; i++)
        {
            await CheckAsync(server);
        }

        using HttpResponseMessage deleted = await world.DeleteAsync(await world.AssignAsync(world.User));
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
    }

    [Fact]
    public async Task Headers_from_a_client_do_not_change_its_address()
    {
        await using LocalHostServer server = await StartAsync();
        for (int i = 0; i < 4; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"{World.Check}?email=a@example.com");
            foreach (string header in new[] { "X-Forwarded-For", "X-Azure-ClientIP", "X-Real-IP", "Forwarded" })
            {
                request.Headers.TryAddWithoutValidation(header, $"192.0.2.{i}");
            }

            using HttpResponseMessage response = await server.Client.SendAsync(request, World.Cancellation);
            Assert.Equal(i < 3 ? 404 : 429, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.1:4711", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "[2001:db8:1:2::2]:4711", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("127.0.0.1", "nonsense", true)]
    [InlineData("127.0.0.1", null, true)]
    public async Task The_configured_header_determines_the_clients_address(string one, string? other, bool same)
    {
        await using LocalHostServer server = await StartAsync("--PublicCheck:ClientAddressHeader=X-Azure-ClientIP");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(404, await CheckAsync(server, address: one));
        }

        Assert.Equal(429, await CheckAsync(server, address: one));
        Assert.Equal(same ? 429 : 404, await CheckAsync(server, address: other));
    }

    [Fact]
    public void The_number_of_tracked_clients_is_bounded()
    {
        PublicCheckLimit limit = new(Options.Create(new PublicCheckOptions { RequestsPerMinute = 1 }), _clock);
        ClientNetwork first = ClientNetwork.Of(IPAddress.Loopback);
        Assert.Null(limit.Count(first));
        Assert.NotNull(limit.Count(first));

        for (uint i = 0; i < 100_000; i++)
        {
            Assert.Null(limit.Count(ClientNetwork.Of(new IPAddress(0x0a000000 + i))));
        }

        Assert.Null(limit.Count(first));
    }

    [Fact]
    public void Every_tracked_client_gets_exactly_its_limit()
    {
        PublicCheckLimit limit = new(Options.Create(new PublicCheckOptions { RequestsPerMinute = 2 }), _clock);
        for (int round = 0; round < 3; round++)
        {
            for (uint i = 0; i < ClientMinutes.MaxClients; i++)
            {
                Assert.Equal(round < 2, limit.Count(new ClientNetwork(i)) is null);
            }
        }

        _clock.Ahead += TimeSpan.FromMinutes(1);
        Assert.Null(limit.Count(new ClientNetwork(0)));
    }

    [Fact]
    public async Task Concurrent_checks_do_not_exceed_the_limit()
    {
        PublicCheckLimit limit = new(Options.Create(new PublicCheckOptions { RequestsPerMinute = 60 }), _clock);
        int served = 0;

        await Parallel.ForAsync(0, 10_000, World.Cancellation, (_, _) =>
        {
            if (limit.Count(ClientNetwork.Of(IPAddress.Loopback)) is null)
            {
                Interlocked.Increment(ref served);
            }

            return ValueTask.CompletedTask;
        });

        Assert.Equal(60, served);
    }

    [Fact]
    public void The_default_limit_is_sixty_checks_a_minute() => Assert.Equal(60, new PublicCheckOptions().RequestsPerMinute);

    [Theory]
    [InlineData("RequestsPerMinute", "-1", "PublicCheck__RequestsPerMinute is -1: set a positive number, or 0 for no limit.")]
    [InlineData("ClientAddressHeader", "X Azure", "PublicCheck__ClientAddressHeader is not a header name: set one such as X-Azure-ClientIP, or remove the setting.")]
    public async Task An_invalid_setting_keeps_the_app_from_starting(string name, string value, string message)
    {
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => LocalHostServer.StartAsync(["--Tables:ConnectionString=UseDevelopmentStorage=true", $"--PublicCheck:{name}={value}"]));

        Assert.Equal(message, exception.Message);
    }

    private static async Task AssertThreeChecksServedAsync(LocalHostServer server)
    {
        foreach (int status in new[] { 404, 404, 404, 429 })
        {
            Assert.Equal(status, await CheckAsync(server));
        }
    }

    private Task<LocalHostServer> StartAsync(params string[] args) => host.StartAnotherAsync(
        services => services.AddSingleton<TimeProvider>(_clock), ["--PublicCheck:RequestsPerMinute=3", .. args]);

    private static async Task<int> CheckAsync(LocalHostServer server, string key = "", string? address = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"{World.Check}?email=nobody@example.com");
        request.Headers.TryAddWithoutValidation("Authorization", key);
        if (address is not null)
        {
            request.Headers.Add("X-Azure-ClientIP", address);
        }

        using HttpResponseMessage response = await server.Client.SendAsync(request, World.Cancellation);
        return (int)response.StatusCode;
    }
}

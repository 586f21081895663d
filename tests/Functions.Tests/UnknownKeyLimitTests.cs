using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>The limit on unknown API keys per client address, on a server that allows three a minute.</summary>
public sealed class UnknownKeyLimitTests(ApiHost host) : IAsyncLifetime
{
    private const int Limit = 3;

    private readonly SetClock _clock = new();
    private readonly KeyReads _reads = new();
    private LocalHostServer _server = null!;
    private World _world = null!;

    public static TheoryData<string> Operations => ["POST", "DELETE", "GET"];

    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync(Limit);
        _world = await World.CreateAsync(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Forged_keys_past_the_limit_are_429_and_cost_no_storage_call(string method)
    {
        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage response = await SendAsync(method, ApiKeySecret.Create().Reveal());
            if (i < Limit)
            {
                await AssertUnknownAsync(method, response);
            }
            else
            {
                JsonObject problem = await response.ProblemAsync(429, "too_many_requests");
                Assert.Equal(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, problem["retry_after"]!.GetValue<int>());
            }
        }

        Assert.Equal(Limit, _reads.Count);
    }

    [Fact]
    public async Task Unknown_keys_are_counted_across_operations_and_reset_after_a_minute()
    {
        foreach (string method in Operations)
        {
            using HttpResponseMessage unknown = await SendAsync(method, ApiKeySecret.Create().Reveal());
            await AssertUnknownAsync(method, unknown);
        }

        foreach (string method in Operations)
        {
            using HttpResponseMessage refused = await SendAsync(method, ApiKeySecret.Create().Reveal());
            await refused.ProblemAsync(429, "too_many_requests");
        }

        _clock.Ahead += TimeSpan.FromMinutes(1);
        using HttpResponseMessage again = await SendAsync("POST", ApiKeySecret.Create().Reveal());
        await again.ProblemAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task A_repeated_forged_key_is_429_too_even_with_the_id_of_an_existing_key()
    {
        await _world.AssignAsync(_world.User);
        foreach (string key in new[] { ApiKeySecret.Create().Reveal(), AuthenticationTests.WithChecksum(_world.Key[..21] + new string('0', 64)) })
        {
            for (int i = 0; i <= Limit; i++)
            {
                using HttpResponseMessage response = await SendAsync("POST", key);
                await response.ProblemAsync(i < Limit ? 401 : 429, i < Limit ? "unauthenticated" : "too_many_requests");
            }

            _clock.Ahead += TimeSpan.FromMinutes(1);
        }
    }

    [Fact]
    public async Task Concurrent_forged_keys_that_reach_storage_do_not_exceed_the_limit()
    {
        HttpResponseMessage[] responses = await Task.WhenAll(
            Enumerable.Range(0, 60).Select(i => SendAsync(i % 2 == 0 ? "POST" : "DELETE", ApiKeySecret.Create().Reveal())));

        Assert.Equal(Limit, responses.Count(response => (int)response.StatusCode == 401));
        Assert.Equal(responses.Length - Limit, responses.Count(response => (int)response.StatusCode == 429));
        Assert.Equal(Limit, _reads.Count);
        Array.ForEach(responses, response => response.Dispose());
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_valid_key_works_despite_any_number_of_forged_ones_from_its_address(string method)
    {
        await _world.AssignAsync(_world.User);
        for (int minute = 0; minute < 3; minute++)
        {
            // After that the key must be read again.
            _clock.Ahead += TimeSpan.FromMinutes(1);
            for (int i = 0; i < 2 * Limit; i++)
            {
                using HttpResponseMessage forged = await SendAsync("POST", ApiKeySecret.Create().Reveal());
            }

            for (int i = 0; i < 2 * Limit; i++)
            {
                using HttpResponseMessage served = await SendAsync(method, _world.Key);
                Assert.NotEqual(401, (int)served.StatusCode);
                Assert.NotEqual(429, (int)served.StatusCode);
            }
        }
    }

    [Fact]
    public async Task Concurrent_new_valid_keys_are_not_limited()
    {
        ApiKeyStore keys = host.Server.Services.GetRequiredService<ApiKeyStore>();
        List<string> valid = [];
        for (int i = 0; i < 4 * Limit; i++)
        {
            valid.Add((await keys.CreateAsync(_world.Platform, $"key {i}", expires: null, World.Cancellation)).Secret.Reveal());
        }

        HttpResponseMessage[] responses = await Task.WhenAll(valid.SelectMany(key => Enumerable.Repeat(key, 5)).Select(key => SendAsync("DELETE", key)));

        foreach (HttpResponseMessage response in responses)
        {
            await response.ProblemAsync(404, "assignment_not_found");
            response.Dispose();
        }
    }

    [Fact]
    public async Task Checks_without_a_key_do_not_use_up_the_limit_of_unknown_keys()
    {
        for (int i = 0; i < 2 * Limit; i++)
        {
            using HttpResponseMessage anonymous = await SendAsync("GET", "");
        }

        using HttpResponseMessage check = await SendAsync("GET", _world.Key);
        await check.ProblemAsync(404, "no_active_assignment");
        using HttpResponseMessage created = await _world.PutAsync(_world.User);
        await created.OkAsync();
    }

    [Fact]
    public async Task A_key_that_storage_could_not_look_up_is_not_counted()
    {
        _reads.Failing = true;
        for (int i = 0; i < 2 * Limit; i++)
        {
            using HttpResponseMessage unavailable = await SendAsync("POST", ApiKeySecret.Create().Reveal());
            await unavailable.ProblemAsync(503, "storage_unavailable");
        }

        _reads.Failing = false;
        await _world.AssignAsync(_world.User);
    }

    [Fact]
    public async Task Disabling_the_check_limit_disables_the_key_limit()
    {
        await using LocalHostServer server = await StartAsync(limit: 0);
        for (int i = 0; i < 2 * Limit; i++)
        {
            using HttpResponseMessage response = await SendAsync("POST", ApiKeySecret.Create().Reveal(), server);
            await response.ProblemAsync(401, "unauthenticated");
        }
    }

    private Task<LocalHostServer> StartAsync(int limit) => host.StartAnotherAsync(
        services =>
        {
            services.AddSingleton<TimeProvider>(_clock);
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_reads, HttpPipelinePosition.PerCall));
        },
        $"--PublicCheck:RequestsPerMinute={limit}");

    private async Task<HttpResponseMessage> SendAsync(string method, string key, LocalHostServer? server = null)
    {
        string path = method == "GET" ? $"{World.Check}?email=nobody@example.com" : $"{World.Assignment}?license_id=1&assignment_id=99";
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Authorization", key);
        return await (server ?? _server).Client.SendAsync(request, World.Cancellation);
    }

    /// <summary>An unknown key is 401, and counts as no key where none is needed.</summary>
    private static Task<JsonObject> AssertUnknownAsync(string method, HttpResponseMessage response) =>
        method == "GET" ? response.ProblemAsync(404, "no_active_assignment") : response.ProblemAsync(401, "unauthenticated");

    /// <summary>Counts the calls for API keys and makes them fail on demand.</summary>
    private sealed class KeyReads : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count => _count;

        public bool Failing { get; set; }

        public override void OnSendingRequest(HttpMessage message)
        {
            Uri uri = message.Request.Uri.ToUri();
            if (message.Request.Method != RequestMethod.Get || !uri.AbsolutePath.Contains("ApiKeys", StringComparison.Ordinal))
            {
                return;
            }

            Interlocked.Increment(ref _count);
            if (Failing)
            {
                throw new IOException("The connection broke.");
            }
        }
    }
}

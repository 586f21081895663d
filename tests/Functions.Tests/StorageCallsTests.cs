using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>The budget of docs/design.md: storage calls of each request, counted in the storage client's pipeline.</summary>
public sealed class StorageCallsTests(ApiHost host) : IAsyncLifetime
{
    private readonly CountingPolicy _calls = new();
    private LocalHostServer _server = null!;
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await host.StartAnotherAsync(
            services => services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_calls, HttpPipelinePosition.PerRetry)),
            "--PublicCheck:RequestsPerMinute=1000");
        _world = await World.CreateAsync(_server, seats: 100, users: 5);
        // Warm: the key, the platform, the license, a block of ids.
        await _world.AssignAsync(_world.Users[4]);
        _calls.Clear();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_create_for_a_cached_user_makes_one_call()
    {
        using HttpResponseMessage known = await _world.PutAsync(_world.User, new { active = false });
        long id = (await known.OkAsync())["id"]!.GetValue<long>();
        using HttpResponseMessage deleted = await _world.DeleteAsync(id);
        _calls.Clear();

        await _world.AssignAsync(_world.User);

        Assert.Equal(["POST $batch"], _calls.Seen);
    }

    [Fact]
    public async Task A_create_for_an_uncached_user_makes_two_calls_by_id_or_address()
    {
        await _world.AssignAsync(_world.User);

        Assert.Equal(["GET Assignments", "POST $batch"], _calls.Seen);
        _calls.Clear();
        using HttpResponseMessage byAddress = await _world.PutAsync(_world.License.Id, new System.Text.Json.Nodes.JsonObject
        {
            ["license_id"] = _world.License.Id,
            ["email"] = _world.Users[1].Email!.Text,
        });
        await byAddress.OkAsync();
        Assert.Equal(["GET Directory", "POST $batch"], _calls.Seen);
    }

    [Fact]
    public async Task An_update_makes_one_call_and_a_redundant_one_only_reads()
    {
        await _world.AssignAsync(_world.User);
        _calls.Clear();

        using HttpResponseMessage freed = await _world.PutAsync(_world.User, new { active = false });
        await freed.OkAsync();
        Assert.Equal(["POST $batch"], _calls.Seen);
        _calls.Clear();
        using HttpResponseMessage same = await _world.PutAsync(_world.User, new { active = false });
        await same.OkAsync();
        Assert.Equal(["GET Assignments"], _calls.Seen);
    }

    [Fact]
    public async Task An_update_of_another_instances_assignment_makes_at_most_three_calls()
    {
        World elsewhere = new(host.Server, _world.Platform, _world.Key, _world.License, _world.Users);
        await elsewhere.AssignAsync(_world.User);
        using HttpResponseMessage warm = await _world.PutAsync(_world.Users[4], new { fulfilled = true, active = false });
        using HttpResponseMessage user = await _world.PutAsync(_world.Users[1], new { active = false });
        using HttpResponseMessage userKnown = await elsewhere.PutAsync(_world.Users[1], new { active = true });
        using HttpResponseMessage licenseKnown = await _world.PutAsync(_world.Users[4]);
        await licenseKnown.OkAsync();
        _calls.Clear();

        using HttpResponseMessage updated = await _world.PutAsync(_world.Users[1], new { fulfilled = true });

        await updated.OkAsync();
        Assert.Equal(["POST $batch", "GET Assignments", "POST $batch"], _calls.Seen);
    }

    [Fact]
    public async Task A_refusal_makes_two_calls()
    {
        License full = await _world.AddLicenseAsync(seats: 0);
        foreach (User user in _world.Users.Take(2))
        {
            _calls.Clear();
            System.Text.Json.Nodes.JsonObject body = _world.Body(user, new { license_id = full.Id });
            using HttpResponseMessage refused = await _world.PutAsync(full.Id, body);
            await refused.ProblemAsync(400, "seats_exhausted");
        }

        // The assignment and the license; the user, who was not seen before.
        Assert.Equal(["GET Assignments", "GET Assignments", "GET Assignments"], _calls.Seen);
    }

    [Fact]
    public async Task A_delete_makes_two_calls()
    {
        long id = await _world.AssignAsync(_world.User);
        _calls.Clear();

        using HttpResponseMessage deleted = await _world.DeleteAsync(id);

        Assert.True(deleted.IsSuccessStatusCode);
        Assert.Equal(["GET Assignments", "POST $batch"], _calls.Seen);
    }

    [Fact]
    public async Task A_check_makes_one_call_for_an_unknown_address_and_two_for_a_known_one()
    {
        await _world.CheckAsync("nobody@example.com");
        Assert.Equal(["GET Directory"], _calls.Seen);
        await _world.AssignAsync(_world.User);
        _calls.Clear();

        await _world.CheckAsync(_world.User.Email!.Text);

        Assert.Equal(["GET Directory", "GET Assignments"], _calls.Seen);
    }

    [Fact]
    public async Task A_malformed_key_makes_no_call_and_an_unknown_one_a_single_read()
    {
        string unknown = ApiKeySecret.Create().Reveal();
        foreach (string key in new[] { "", "nonsense", unknown[..^1] + (unknown[^1] == '0' ? '1' : '0') })
        {
            using HttpResponseMessage refused = await _world.SendAsync(HttpMethod.Delete, World.Assignment, authorization: key);
            await refused.ProblemAsync(401, "unauthenticated");
        }

        Assert.Empty(_calls.Seen);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage refused = await _world.SendAsync(HttpMethod.Delete, World.Assignment, authorization: unknown);
            await refused.ProblemAsync(401, "unauthenticated");
        }

        Assert.Equal(["GET ApiKeys"], _calls.Seen);
    }

    /// <summary>A position in a key, and text that is invalid there.</summary>
    [Theory]
    [InlineData(4, "a/bbbbbbbbbbbbbb")]
    [InlineData(4, "ABCDEF0123456789")]
    [InlineData(4, "gggggggggggggggg")]
    [InlineData(4, "''''''''''''''''")]
    [InlineData(4, "?a=1&b=2&c=3&d=4")]
    [InlineData(4, @"..\..\..\..\..\.")]
    [InlineData(4, "%2f%2f%2f%2f%2f0")]
    [InlineData(4, "0123456789 abcde")]
    [InlineData(21, "A")]
    [InlineData(84, "/")]
    public async Task A_key_that_is_not_lowercase_hex_is_401_without_a_call_despite_a_valid_checksum(int at, string odd)
    {
        string body = ApiKeySecret.Create().Reveal()[..85];
        string forged = AuthenticationTests.WithChecksum(body[..at] + odd + body[(at + odd.Length)..]);

        foreach (HttpMethod method in new[] { HttpMethod.Post, HttpMethod.Delete })
        {
            using HttpResponseMessage refused = await _world.SendAsync(method, World.Assignment, authorization: forged);
            await refused.ProblemAsync(401, "unauthenticated");
        }

        using HttpResponseMessage check = await _world.SendAsync(HttpMethod.Get, $"{World.Check}?email=nobody@example.com", authorization: forged);
        await check.ProblemAsync(404, "no_active_assignment");
        Assert.Equal(["GET Directory"], _calls.Seen);
    }

    [Fact]
    public async Task A_cold_create_makes_three_sequential_calls_and_an_id_lease()
    {
        CountingPolicy calls = new();
        await using LocalHostServer cold = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(calls, HttpPipelinePosition.PerRetry)));
        World world = new(cold, _world.Platform, _world.Key, _world.License, _world.Users);
        calls.Clear();

        await world.AssignAsync(_world.User);

        Assert.Equal("GET ApiKeys", calls.Seen[0]);
        // In parallel: platform, license, user. Then the lease: read and replace the sequence. Then the write.
        Assert.Equal(["GET Assignments", "GET Assignments", "GET Platforms"], calls.Seen.Skip(1).Take(3).Order());
        Assert.Equal(["GET Assignments", "PUT Assignments", "POST $batch"], calls.Seen.Skip(4));
    }

    [Fact]
    public async Task Thirty_three_concurrent_creates_on_a_license_share_a_few_transactions()
    {
        World world = await World.CreateAsync(_server, seats: null, users: 33);
        await Task.WhenAll(world.Users.Select(user => world.PutAsync(user, new { active = false })));
        _calls.Clear();

        await Task.WhenAll(world.Users.Select(user => world.AssignAsync(user)));

        Assert.All(_calls.Seen, call => Assert.Equal("POST $batch", call));
        Assert.InRange(_calls.Seen.Count, 1, 16);
    }

    /// <summary>Names each call by method and table.</summary>
    private sealed class CountingPolicy : HttpPipelineSynchronousPolicy
    {
        private readonly ConcurrentQueue<string> _seen = new();

        public IReadOnlyList<string> Seen => [.. _seen];

        public void Clear() => _seen.Clear();

        public override void OnSendingRequest(HttpMessage message)
        {
            string path = message.Request.Uri.ToUri().AbsolutePath;
            string target = path[(path.LastIndexOf('/') + 1)..].Split('(')[0];
            string table = new[] { "Assignments", "Directory", "ApiKeys", "Platforms" }.FirstOrDefault(
                name => target.EndsWith(name, StringComparison.Ordinal), target);
            _seen.Enqueue($"{message.Request.Method} {table}");
        }
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed partial class KeyTests(AzuriteFixture azurite) : IDisposable
{
    private const string Anything = "/api/catalog/licenses/user/assignment/?license_id=1&assignment_id=1";

    private readonly Provisioning _there = new(azurite);

    public void Dispose() => _there.Dispose();

    [Fact]
    public async Task Keys_are_listed_with_expiry_and_revocation_and_without_their_secrets()
    {
        (string id, string secret) = await CreateAsync("--name", "enrolment", "--expires", "2031-01-01");

        string json = await _there.DoneAsync("key", "list", "acme", "--json");

        Assert.Equal(
            $$"""[{"key_id":"{{id}}","platform_key":"acme","name":"enrolment","created":"(now)","expires":"2031-01-02T00:00:00+00:00","revoked":null,"last_used":null}]""" + "\n",
            Created().Replace(json, "\"created\":\"(now)\""));
        Assert.DoesNotContain(secret, json, StringComparison.Ordinal);
        string[] cells = (await _there.DoneAsync("key", "list", "acme")).Split('\n').Single(line => line.Contains(id, StringComparison.Ordinal))
            .Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal([id, "enrolment", "2031-01-02 00:00:00", "never", "valid"], [cells[0], cells[1], .. cells[3..]]);
    }

    [Fact]
    public async Task A_revoked_key_stops_working_within_a_minute_and_other_keys_keep_working()
    {
        (string oldId, string old) = await CreateAsync();
        (_, string @new) = await CreateAsync();
        ShiftedTime time = new();
        await using LocalHostServer server = await _there.StartServerAsync(services => services.AddSingleton<TimeProvider>(time));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (await UseAsync(server, old), await UseAsync(server, @new)));

        JsonNode? revoked = JsonNode.Parse(await _there.DoneAsync("key", "revoke", "acme", oldId, "--yes", "--json"));
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.NotNull(revoked!["revoked"]);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (await UseAsync(server, old), await UseAsync(server, @new)));
        Assert.Contains("revoked", await _there.DoneAsync("key", "list", "acme"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_read_just_before_a_revocation_does_not_extend_the_minute()
    {
        (string id, string key) = await CreateAsync();
        ShiftedTime time = new();
        await using LocalHostServer server = await _there.StartServerAsync(services => services
            .AddSingleton<TimeProvider>(time)
            .AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(new SlowKeys(time), HttpPipelinePosition.PerCall)));
        Assert.Equal(HttpStatusCode.NotFound, await UseAsync(server, key));

        // Eight seconds of the minute passed during the read.
        await _there.DoneAsync("key", "revoke", "acme", id, "--yes");
        time.Advance(TimeSpan.FromSeconds(52));

        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(server, key));
    }

    [Fact]
    public async Task The_last_use_is_shown_to_the_hour_and_written_in_the_background()
    {
        (_, string key) = await CreateAsync();
        CountWrites writes = new();
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        await using (LocalHostServer server = await _there.StartServerAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(writes, HttpPipelinePosition.PerCall))))
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(HttpStatusCode.NotFound, await UseAsync(server, key));
            }

            Assert.Equal(0, writes.Count);
        }

        Assert.Equal(1, writes.Count);
        JsonNode listed = JsonNode.Parse(await _there.DoneAsync("key", "list", "acme", "--json"))![0]!;
        DateTimeOffset used = listed["last_used"]!.GetValue<DateTimeOffset>();
        Assert.Equal((0, 0, 0), (used.Minute, used.Second, used.Millisecond));
        Assert.InRange(used, before.AddHours(-1), TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task An_unknown_key_costs_one_read_a_minute_and_malformed_keys_none()
    {
        await CreateAsync();
        ShiftedTime time = new();
        CountReads reads = new();
        await using LocalHostServer server = await _there.StartServerAsync(services => services
            .AddSingleton<TimeProvider>(time)
            .AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(reads, HttpPipelinePosition.PerCall)));
        string unknown = ApiKeySecret.Create().Reveal();

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(server, unknown));
        }

        time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(server, unknown));
        Assert.Equal(1, reads.Count);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(server, unknown));
        Assert.Equal(2, reads.Count);

        for (int i = 0; i < 500; i++)
        {
            string random = RandomNumberGenerator.GetHexString(64, lowercase: true);
            Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(server, $"{unknown[..21]}{random}{unknown[^8..]}"));
        }

        Assert.Equal(2, reads.Count);
    }

    [Fact]
    public async Task A_suspended_platform_gets_403_within_a_minute_until_it_is_resumed()
    {
        (_, string key) = await CreateAsync();
        ShiftedTime time = new();
        await using LocalHostServer server = await _there.StartServerAsync(services => services.AddSingleton<TimeProvider>(time));
        Assert.Equal(HttpStatusCode.NotFound, await UseAsync(server, key));

        Assert.Equal(
            """{"platform_key":"acme","platform_org":null,"suspended":true}""" + "\n",
            await _there.DoneAsync("platform", "suspend", "acme", "--yes", "--json"));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.Forbidden, await UseAsync(server, key));
        Assert.Equal(
            new AdminResult(2, "", "This command cuts off the platform's clients and there is no terminal to confirm on: pass --yes.\nSee 'license-admin platform suspend --help'.\n"),
            await _there.RunAsync("platform", "suspend", "acme"));

        Assert.Equal("Resumed platform acme; every instance follows within a minute.\n", await _there.DoneAsync("platform", "resume", "acme"));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.NotFound, await UseAsync(server, key));
    }

    [Fact]
    public async Task Requests_succeed_when_the_last_use_cannot_be_written()
    {
        (_, string key) = await CreateAsync();
        await using LocalHostServer server = await _there.StartServerAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(new NoKeyWrites(), HttpPipelinePosition.PerCall)));

        Assert.Equal(HttpStatusCode.NotFound, await UseAsync(server, key));
    }

    [Fact]
    public async Task Revoking_asks_for_confirmation_and_without_a_terminal_requires_yes()
    {
        (string id, _) = await CreateAsync();

        Assert.Equal(
            new AdminResult(2, "", "This command cuts off the key's clients and there is no terminal to confirm on: pass --yes.\nSee 'license-admin key revoke --help'.\n"),
            await _there.RunAsync("key", "revoke", "acme", id));
        Assert.Equal(
            new AdminResult(1, "", "Platform acme has no API key with this id: check it with 'key list'.\n"),
            await _there.RunAsync("key", "revoke", "acme", "0123456789abcdef", "--yes"));
    }

    [Theory]
    [InlineData("a/bbbbbbbbbbbbbb")]
    [InlineData("?#%\\")]
    [InlineData("o'clock")]
    public async Task An_impossible_key_id_is_reported_as_unknown(string id)
    {
        await _there.PlatformAsync("acme");

        Assert.Equal(
            new AdminResult(1, "", "Platform acme has no API key with this id: check it with 'key list'.\n"),
            await _there.RunAsync("key", "revoke", "acme", id, "--yes"));
    }

    private async Task<(string Id, string Secret)> CreateAsync(params string[] options)
    {
        if (await _there.Get<PlatformStore>().FindAsync("acme", TestContext.Current.CancellationToken) is null)
        {
            await _there.PlatformAsync("acme");
        }

        JsonNode key = JsonNode.Parse(await _there.DoneAsync(["key", "create", "acme", .. options, "--json"]))!;
        return (key["key_id"]!.GetValue<string>(), key["key"]!.GetValue<string>());
    }

    /// <summary>Sends a delete of a missing assignment: 401 if the key is rejected, 404 if it is accepted.</summary>
    private static async Task<HttpStatusCode> UseAsync(LocalHostServer server, string key)
    {
        using HttpRequestMessage request = new(HttpMethod.Delete, Anything);
        request.Headers.Add("Authorization", key);
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static bool IsOfKeys(HttpMessage message) => message.Request.Uri.ToString().Contains("ApiKeys(", StringComparison.Ordinal);

    private static bool IsWrite(HttpMessage message) => message.Request.Method != RequestMethod.Get;

    [GeneratedRegex("\"created\":\"[^\"]+\"")]
    private static partial Regex Created();

    /// <summary>Advances the clock by eight seconds while a key is read.</summary>
    private sealed class SlowKeys(ShiftedTime time) : HttpPipelineSynchronousPolicy
    {
        public override void OnReceivedResponse(HttpMessage message)
        {
            if (IsOfKeys(message) && !IsWrite(message))
            {
                time.Advance(TimeSpan.FromSeconds(8));
            }
        }
    }

    private sealed class CountWrites : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override void OnSendingRequest(HttpMessage message)
        {
            if (IsOfKeys(message) && IsWrite(message))
            {
                Interlocked.Increment(ref _count);
            }
        }
    }

    private sealed class CountReads : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override void OnSendingRequest(HttpMessage message)
        {
            if (IsOfKeys(message) && !IsWrite(message))
            {
                Interlocked.Increment(ref _count);
            }
        }
    }

    private sealed class NoKeyWrites : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            if (IsOfKeys(message) && IsWrite(message))
            {
                throw new IOException("No writes.");
            }
        }
    }
}

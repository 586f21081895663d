using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Licensing.Storage;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Licensing.Tests;

/// <summary>API keys on in-memory tables, seen by two instances.</summary>
[Trait("Speed", "Fast")]
public sealed class ApiKeyStoreTests : IAsyncLifetime
{
    private static readonly Platform Acme = new("acme/1", "Acme", Suspended: false);

    private readonly VirtualTime _time = new();
    private readonly InMemoryTables _storage;
    private readonly List<string> _calls = [];
    private readonly Tables _tables;
    private readonly ApiKeyUses _uses;
    private readonly ApiKeyStore _keys;

    public ApiKeyStoreTests()
    {
        _storage = new InMemoryTables(_time);
        _tables = new Tables(_storage.CreateClient(new TableClientOptions { RetryPolicy = new RetryReads() }), Options.Create(new TablesOptions()));
        _uses = new ApiKeyUses(_tables, _time);
        _keys = new ApiKeyStore(_tables, _uses, _time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _time.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        await _tables.CreateIfMissingAsync(Cancellation);
        _storage.BeforeCall = (call, _) =>
        {
            _calls.Add(call);
            return Task.CompletedTask;
        };
    }

    public ValueTask DisposeAsync()
    {
        _storage.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_created_key_is_stored_without_its_secret()
    {
        (ApiKey key, ApiKeySecret secret) = await _keys.CreateAsync(Acme, "ci", Now.AddDays(1), Cancellation);

        ApiKey expected = new(secret.KeyId, "acme/1", "Acme", "ci", Now, Now.AddDays(1), Revoked: null, LastUsed: null, secret.Hash());
        AssertEqual(expected, key);
        AssertEqual(expected, await _keys.FindAsync(key.Id, Cancellation));
        Assert.DoesNotContain(secret.Reveal()[21..], Assert.Single(_storage.Peek("ApiKeys", key.Id, "key")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_key_is_not_found() => Assert.Null(await _keys.FindAsync("0123456789abcdef", Cancellation));

    [Fact]
    public async Task A_valid_key_authenticates_and_is_read_once()
    {
        (ApiKey key, ApiKeySecret secret) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        _calls.Clear();

        AssertEqual(key, await _keys.AuthenticateAsync(secret, Cancellation));
        AssertEqual(key, await _keys.AuthenticateAsync(secret, Cancellation));

        Assert.Single(_calls);
    }

    [Fact]
    public async Task An_unknown_key_is_rejected_and_read_once()
    {
        ApiKeySecret unknown = ApiKeySecret.Create();

        Assert.Null(await _keys.AuthenticateAsync(unknown, Cancellation));
        Assert.Null(await _keys.AuthenticateAsync(unknown, Cancellation));

        Assert.Single(_calls);
        Assert.False(_keys.HasSeen(unknown));
    }

    [Fact]
    public async Task A_key_with_the_id_of_another_but_not_its_secret_is_rejected()
    {
        (_, ApiKeySecret secret) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        ApiKeySecret other = ApiKeySecret.Create();
        TableEntity stolen = new(secret.KeyId, "key") { ["SecretHash"] = other.Hash() };
        await _tables.ApiKeys.UpdateEntityAsync(stolen, Azure.ETag.All, TableUpdateMode.Merge, Cancellation);

        Assert.Null(await _keys.AuthenticateAsync(secret, Cancellation));
    }

    [Fact]
    public async Task A_key_stops_working_when_it_expires()
    {
        (_, ApiKeySecret secret) = await _keys.CreateAsync(Acme, name: null, Now.AddSeconds(10), Cancellation);
        Assert.NotNull(await _keys.AuthenticateAsync(secret, Cancellation));

        _time.AdvanceToNextTimer(Now.AddSeconds(10));

        Assert.Null(await _keys.AuthenticateAsync(secret, Cancellation));
    }

    [Fact]
    public async Task A_key_counts_as_seen_after_its_creation_or_first_valid_use_here()
    {
        ApiKeyStore elsewhere = new(_tables, _uses, _time);
        (ApiKey key, ApiKeySecret secret) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        (_, ApiKeySecret expired) = await _keys.CreateAsync(Acme, name: null, Now, Cancellation);

        Assert.True(_keys.HasSeen(secret));
        Assert.False(elsewhere.HasSeen(secret));
        Assert.NotNull(await elsewhere.AuthenticateAsync(secret, Cancellation));
        Assert.True(elsewhere.HasSeen(secret));
        Assert.Null(await elsewhere.AuthenticateAsync(expired, Cancellation));
        Assert.False(elsewhere.HasSeen(expired));
    }

    [Fact]
    public async Task A_platforms_keys_are_listed_oldest_first_without_those_of_others()
    {
        List<string> ids = [];
        for (int i = 0; i < 5; i++)
        {
            ids.Add((await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation)).Key.Id);
            await _keys.CreateAsync(Acme with { Key = "acme" }, name: null, expires: null, Cancellation);
            _time.AdvanceToNextTimer(Now.AddSeconds(1));
        }

        Assert.Equal(ids, (await _keys.OfPlatformAsync("acme/1", Cancellation)).Select(key => key.Id));
    }

    [Fact]
    public async Task A_revoked_key_works_on_no_instance_after_a_minute_and_is_revoked_once()
    {
        (ApiKey key, ApiKeySecret secret) = await _keys.CreateAsync(Acme, "ci", expires: null, Cancellation);
        await _keys.AuthenticateAsync(secret, Cancellation);
        DateTimeOffset revoked = Now;

        AssertEqual(key with { Revoked = revoked }, await _keys.RevokeAsync("acme/1", key.Id, Cancellation));
        _time.AdvanceToNextTimer(Now.AddMinutes(1));
        AssertEqual(key with { Revoked = revoked }, await _keys.RevokeAsync("acme/1", key.Id, Cancellation));

        AssertEqual(key with { Revoked = revoked }, await _keys.FindAsync(key.Id, Cancellation));
        Assert.Null(await _keys.AuthenticateAsync(secret, Cancellation));
    }

    [Fact]
    public async Task Another_platforms_key_is_not_revoked()
    {
        (ApiKey key, ApiKeySecret secret) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);

        Assert.Null(await _keys.RevokeAsync("other", key.Id, Cancellation));
        Assert.Null(await _keys.RevokeAsync("acme/1", "0123456789abcdef", Cancellation));

        Assert.NotNull(await _keys.AuthenticateAsync(secret, Cancellation));
    }

    [Fact]
    public async Task A_removed_key_is_gone()
    {
        (ApiKey key, _) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);

        await _keys.RemoveAsync(key, Cancellation);

        Assert.Null(await _keys.FindAsync(key.Id, Cancellation));
    }

    [Fact]
    public async Task A_new_organization_updates_all_keys_of_the_platform_and_nothing_else()
    {
        (ApiKey one, _) = await _keys.CreateAsync(Acme, "one", expires: null, Cancellation);
        (ApiKey two, _) = await _keys.CreateAsync(Acme, "two", Now.AddDays(1), Cancellation);
        (ApiKey other, _) = await _keys.CreateAsync(Acme with { Key = "acme" }, name: null, expires: null, Cancellation);

        await _keys.SetOrgAsync("acme/1", "Acme Ltd", Cancellation);

        AssertEqual(one with { Org = "Acme Ltd" }, await _keys.FindAsync(one.Id, Cancellation));
        AssertEqual(two with { Org = "Acme Ltd" }, await _keys.FindAsync(two.Id, Cancellation));
        AssertEqual(other, await _keys.FindAsync(other.Id, Cancellation));
    }

    [Fact]
    public async Task A_key_revoked_while_its_organization_changes_stays_revoked()
    {
        (ApiKey key, _) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        bool raced = false;
        _storage.BeforeCall = async (call, _) =>
        {
            if (call.StartsWith("PUT", StringComparison.Ordinal) && !raced)
            {
                raced = true;
                await _keys.RevokeAsync("acme/1", key.Id, Cancellation);
            }
        };

        await _keys.SetOrgAsync("acme/1", "Acme Ltd", Cancellation);

        AssertEqual(key with { Org = "Acme Ltd", Revoked = Now }, await _keys.FindAsync(key.Id, Cancellation));
    }

    [Fact]
    public async Task A_key_removed_while_its_organization_changes_is_not_recreated()
    {
        (ApiKey key, _) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        _storage.BeforeCall = async (call, _) =>
        {
            if (call.StartsWith("PUT", StringComparison.Ordinal))
            {
                await _keys.RemoveAsync(key, Cancellation);
            }
        };

        await _keys.SetOrgAsync("acme/1", "Acme Ltd", Cancellation);

        Assert.Null(await _keys.FindAsync(key.Id, Cancellation));
    }

    [Fact]
    public async Task A_keys_last_use_is_written_once_an_hour()
    {
        (ApiKey key, ApiKeySecret secret) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        DateTimeOffset hour = new(2020, 1, 1, 5, 0, 0, TimeSpan.Zero);
        _time.AdvanceToNextTimer(hour.AddMinutes(59));

        await UseAndWriteAsync(secret);
        Assert.Equal(hour, (await _keys.FindAsync(key.Id, Cancellation))!.LastUsed);
        _calls.Clear();
        _uses.Note(key.Id);
        await _uses.WriteAsync(Cancellation);
        Assert.Empty(_calls);

        _time.AdvanceToNextTimer(hour.AddHours(1));
        await UseAndWriteAsync(secret);
        Assert.Equal(hour.AddHours(1), (await _keys.FindAsync(key.Id, Cancellation))!.LastUsed);
        _calls.Clear();
        await _uses.WriteAsync(Cancellation);
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task A_last_use_written_by_another_instance_is_not_rewritten()
    {
        (ApiKey key, ApiKeySecret secret) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        ApiKeyUses elsewhere = new(_tables, _time);
        _uses.Note(key.Id);
        elsewhere.Note(key.Id);
        await elsewhere.WriteAsync(Cancellation);
        DateTimeOffset? used = (await _keys.FindAsync(key.Id, Cancellation))!.LastUsed;
        Assert.NotNull(used);
        _calls.Clear();

        await _uses.WriteAsync(Cancellation);

        Assert.DoesNotContain(_calls, call => !call.StartsWith("GET", StringComparison.Ordinal));
        Assert.Equal(used, (await _keys.FindAsync(key.Id, Cancellation))!.LastUsed);
    }

    [Fact]
    public async Task The_use_of_a_removed_key_is_discarded()
    {
        _uses.Note("0123456789abcdef");

        await _uses.WriteAsync(Cancellation);
        await _uses.WriteAsync(Cancellation);

        Assert.Single(_calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_removed_or_changed_while_its_use_is_written_is_not_overwritten(bool removed)
    {
        (ApiKey key, _) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        _uses.Note(key.Id);
        bool raced = false;
        _storage.BeforeCall = async (call, _) =>
        {
            if (!raced && !call.StartsWith("GET", StringComparison.Ordinal))
            {
                raced = true;
                await (removed ? _keys.RemoveAsync(key, Cancellation) : _keys.RevokeAsync("acme/1", key.Id, Cancellation));
            }
        };

        await _uses.WriteAsync(Cancellation);

        Assert.True(raced);
        ApiKey? left = await _keys.FindAsync(key.Id, Cancellation);
        Assert.Equal(removed ? null : Now, left?.Revoked);
        Assert.Null(left?.LastUsed);
    }

    [Fact]
    public async Task A_use_that_cannot_be_written_stays_pending()
    {
        (ApiKey key, _) = await _keys.CreateAsync(Acme, name: null, expires: null, Cancellation);
        _uses.Note(key.Id);
        _storage.BeforeCall = (call, _) => call.StartsWith("GET", StringComparison.Ordinal) ? Task.CompletedTask : throw new IOException("No reply.");

        await Assert.ThrowsAnyAsync<Exception>(() => _uses.WriteAsync(Cancellation));
        _storage.BeforeCall = (_, _) => Task.CompletedTask;
        await _uses.WriteAsync(Cancellation);

        Assert.NotNull((await _keys.FindAsync(key.Id, Cancellation))!.LastUsed);
    }

    [Fact]
    public async Task Pending_uses_are_limited_to_ten_thousand_keys()
    {
        for (int key = 0; key < 10_001; key++)
        {
            _uses.Note($"{key}");
        }

        await _uses.WriteAsync(Cancellation);

        Assert.Equal(10_000, _calls.Count);
    }

    private async Task UseAndWriteAsync(ApiKeySecret secret)
    {
        Assert.NotNull(await _keys.AuthenticateAsync(secret, Cancellation));
        await _uses.WriteAsync(Cancellation);
    }

    /// <summary>Compares hashes by content.</summary>
    private static void AssertEqual(ApiKey expected, ApiKey? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.SecretHash.ToArray(), actual.SecretHash.ToArray());
        Assert.Equal(expected with { SecretHash = default }, actual with { SecretHash = default });
    }
}

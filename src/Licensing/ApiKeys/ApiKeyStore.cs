using Azure;
using Azure.Data.Tables;
using Licensing.Platforms;
using Licensing.Storage;

namespace Licensing.ApiKeys;

/// <summary>API keys, in table <c>ApiKeys</c>.</summary>
public sealed class ApiKeyStore(Tables tables, ApiKeyUses uses, TimeProvider time)
{
    internal const string LastUsed = "LastUsed";

    private const int CachedKeys = 10_000;

    /// <summary>Unknown ids are cached too, so that retrying one costs one read a minute.</summary>
    private readonly BoundedCache<string, ApiKey> _cache =
        new(CachedKeys, CacheLifetimes.Found, CacheLifetimes.UnknownKey, time);

    /// <summary>Ids that exist, kept longer than the cached keys.</summary>
    private readonly LruCache<string, bool> _seen = new(CachedKeys);

    /// <summary>
    /// Returns the key of this secret, or null if it is unknown, does not match, has expired or was revoked.
    /// </summary>
    public async Task<ApiKey?> AuthenticateAsync(ApiKeySecret secret, CancellationToken cancellationToken)
    {
        string id = secret.KeyId;
        ApiKey? key = await _cache.GetAsync(id, (Store: this, id), static (key, cancellationToken) => key.Store.FindAsync(key.id, cancellationToken), cancellationToken);
        if (key is null || !secret.Matches(key.SecretHash.Span) || !key.IsValid(time.GetUtcNow()))
        {
            return null;
        }

        _seen.Set(id, true);
        uses.Note(id);
        return key;
    }

    /// <summary>Whether this instance created a key with this id or has seen it valid; no I/O.</summary>
    public bool HasSeen(ApiKeySecret secret) => _seen.Find(secret.KeyId);

    /// <summary>Reads a key, valid or not, from storage, or returns null if it does not exist; one storage call.</summary>
    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken) =>
        await tables.ApiKeys.FindAsync(TableKey.Escape(id), TableKey.ApiKey, cancellationToken) is { } entity ? FromEntity(entity) : null;

    /// <summary>Creates a key for a platform and returns the secret, which is not stored.</summary>
    public async Task<(ApiKey Key, ApiKeySecret Secret)> CreateAsync(
        Platform platform, string? name, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        ApiKeySecret secret = ApiKeySecret.Create();
        ApiKey key = new(secret.KeyId, platform.Key, platform.Org, name, time.GetUtcNow(), expires, Revoked: null, LastUsed: null, secret.Hash());
        await tables.ApiKeys.AddEntityAsync(ToEntity(key), cancellationToken);
        _seen.Set(key.Id, true);
        return (key, secret);
    }

    /// <summary>A platform's keys, oldest first; a scan of the table with a server-side filter.</summary>
    public async Task<IReadOnlyList<ApiKey>> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        await tables.ApiKeys.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"Platform eq {platform}"), cancellationToken: cancellationToken)
            .Select(FromEntity)
            .OrderBy(key => key.Created)
            .ToListAsync(cancellationToken);

    /// <summary>
    /// Revokes a key of this platform and returns it, or null if there is no such key. An already revoked key is not
    /// changed. The key stops working on every instance within a minute, when it leaves their caches.
    /// </summary>
    public async Task<ApiKey?> RevokeAsync(string platform, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } key || key.Platform != platform)
        {
            return null;
        }

        if (key.Revoked is not null)
        {
            return key;
        }

        ApiKey revoked = key with { Revoked = time.GetUtcNow() };
        await tables.ApiKeys.UpdateEntityAsync(
            new TableEntity(TableKey.Escape(id), TableKey.ApiKey) { [nameof(ApiKey.Revoked)] = revoked.Revoked }, ETag.All, TableUpdateMode.Merge, cancellationToken);
        return revoked;
    }

    /// <summary>Deletes a key. Instances may accept it for up to a minute, until it leaves their caches.</summary>
    public Task RemoveAsync(ApiKey key, CancellationToken cancellationToken) =>
        tables.ApiKeys.DeleteEntityAsync(TableKey.Escape(key.Id), TableKey.ApiKey, ETag.All, cancellationToken);

    /// <summary>Changes the organization in all keys of a platform, on every instance within a minute. Safe to repeat.</summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="org">Null for none.</param>
    /// <param name="cancellationToken">Cancels the call; some keys may have been changed.</param>
    public async Task SetOrgAsync(string platform, string? org, CancellationToken cancellationToken)
    {
        foreach (ApiKey key in await OfPlatformAsync(platform, cancellationToken))
        {
            while (await tables.ApiKeys.FindAsync(TableKey.Escape(key.Id), TableKey.ApiKey, cancellationToken) is { } entity)
            {
                entity["Org"] = org;
                if (await tables.ApiKeys.TryReplaceAsync(entity, entity.ETag, cancellationToken) is not null)
                {
                    break;
                }
            }
        }
    }

    private static TableEntity ToEntity(ApiKey key) => new(TableKey.Escape(key.Id), TableKey.ApiKey)
    {
        ["Platform"] = key.Platform,
        ["Org"] = key.Org,
        ["Name"] = key.Name,
        ["Created"] = key.Created,
        ["Expires"] = key.Expires,
        ["Revoked"] = key.Revoked,
        [LastUsed] = key.LastUsed,
        ["SecretHash"] = key.SecretHash.ToArray(),
    };

    private static ApiKey FromEntity(TableEntity entity) => new(
        entity.PartitionKey,
        entity.GetString("Platform"),
        entity.GetString("Org"),
        entity.GetString("Name"),
        entity.GetDateTimeOffset("Created") ?? default,
        entity.GetDateTimeOffset("Expires"),
        entity.GetDateTimeOffset("Revoked"),
        entity.GetDateTimeOffset(LastUsed),
        entity.GetBinary("SecretHash"));
}

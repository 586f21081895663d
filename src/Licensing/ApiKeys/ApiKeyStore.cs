using Azure;
using Azure.Data.Tables;
using Licensing.Platforms;
using Licensing.Storage;

namespace Licensing.ApiKeys;

/// <summary>API keys, in table <c>ApiKeys</c>.</summary>
public sealed class ApiKeyStore(Tables tables, ApiKeyUses uses, TimeProvider time)
{
    internal const string Row = "key";
    internal const string LastUsed = "LastUsed";

    private const int CachedKeys = 10_000;

    /// <summary>Ids that are not known are remembered too, so that trying costs a read a minute.</summary>
    private readonly BoundedCache<string, ApiKey> _cache =
        new(CachedKeys, CacheLifetimes.Found, CacheLifetimes.UnknownKey, time);

    /// <summary>Ids that exist, remembered longer than what storage says of them.</summary>
    private readonly LruCache<string, bool> _seen = new(CachedKeys);

    /// <summary>
    /// The key that this secret belongs to, when it is known, matches and is neither expired nor revoked; else null.
    /// </summary>
    public async Task<ApiKey?> AuthenticateAsync(ApiKeySecret secret, CancellationToken cancellationToken)
    {
        string id = secret.KeyId;
        ApiKey? key = await _cache.GetAsync(id, (Store: this, id), static (key, read) => key.Store.FindAsync(key.id, read), cancellationToken);
        if (key is null || !secret.Matches(key.SecretHash.Span) || !key.IsValid(time.GetUtcNow()))
        {
            return null;
        }

        _seen.Set(id, true);
        uses.Note(id);
        return key;
    }

    /// <summary>Whether a key of this id was made here, or was valid here before; no I/O.</summary>
    public bool HasSeen(ApiKeySecret secret) => _seen.Find(secret.KeyId);

    /// <summary>The key of this id as storage has it now, valid or not, or null; one storage call.</summary>
    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken) =>
        await tables.ApiKeys.FindAsync(TableKey.Escape(id), Row, cancellationToken) is { } entity ? FromEntity(entity) : null;

    /// <summary>Makes a key for a platform and gives the secret, which is not stored.</summary>
    public async Task<(ApiKey Key, ApiKeySecret Secret)> CreateAsync(
        Platform platform, string? name, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        ApiKeySecret secret = ApiKeySecret.Create();
        ApiKey key = new(secret.KeyId, platform.Key, platform.Org, name, time.GetUtcNow(), expires, Revoked: null, LastUsed: null, secret.Hash());
        await tables.ApiKeys.AddEntityAsync(ToEntity(key), cancellationToken);
        _seen.Set(key.Id, true);
        return (key, secret);
    }

    /// <summary>A platform's keys, oldest first: a scan of the table, which the server filters.</summary>
    public async Task<IReadOnlyList<ApiKey>> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        await tables.ApiKeys.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"Platform eq {platform}"), cancellationToken: cancellationToken)
            .Select(FromEntity)
            .OrderBy(key => key.Created)
            .ToListAsync(cancellationToken);

    /// <summary>
    /// Revokes a key of this platform and gives it, or null when it has no such key. A key that was revoked before
    /// stays as it is. It opens nothing anywhere once the instances' caches have forgotten it, within the minute.
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
            new TableEntity(id, Row) { [nameof(ApiKey.Revoked)] = revoked.Revoked }, ETag.All, TableUpdateMode.Merge, cancellationToken);
        return revoked;
    }

    private static TableEntity ToEntity(ApiKey key) => new(key.Id, Row)
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

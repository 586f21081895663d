using Assignments.Storage;
using Azure.Data.Tables;

namespace Assignments;

/// <summary>API keys, in table <c>ApiKeys</c>.</summary>
public sealed class ApiKeyStore(Tables tables, TimeProvider time) : IDisposable
{
    private const string Row = "key";
    private const int CachedKeys = 10_000;

    /// <summary>Ids that are not known are remembered as long as those that are, so that trying costs a read a minute.</summary>
    private readonly BoundedCache<string, ApiKey> _cache =
        new(CachedKeys, CacheLifetimes.Found, CacheLifetimes.Found, time);

    /// <summary>
    /// The key that this secret belongs to, when it is known, matches and is neither expired nor revoked; else null.
    /// </summary>
    public async Task<ApiKey?> AuthenticateAsync(ApiKeySecret secret, CancellationToken cancellation)
    {
        string id = secret.KeyId;
        ApiKey? key = await _cache.GetAsync(id, read => FindAsync(id, read), cancellation);
        return key is not null && secret.Matches(key.SecretHash.Span) && key.IsValid(time.GetUtcNow()) ? key : null;
    }

    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancellation) =>
        await tables.ApiKeys.FindAsync(id, Row, cancellation) is { } entity ? FromEntity(entity) : null;

    /// <summary>Makes a key for a platform and gives the secret, which is not stored.</summary>
    public async Task<(ApiKey Key, ApiKeySecret Secret)> CreateAsync(
        Platform platform, string? name, DateTimeOffset? expires, CancellationToken cancellation)
    {
        ApiKeySecret secret = ApiKeySecret.Create();
        ApiKey key = new(secret.KeyId, platform.Key, platform.Org, name, time.GetUtcNow(), expires, Revoked: null, secret.Hash());
        await tables.ApiKeys.AddEntityAsync(ToEntity(key), cancellation);
        return (key, secret);
    }

    public void Dispose() => _cache.Dispose();

    private static TableEntity ToEntity(ApiKey key) => new(key.Id, Row)
    {
        ["Platform"] = key.Platform,
        ["Org"] = key.Org,
        ["Name"] = key.Name,
        ["Created"] = key.Created,
        ["Expires"] = key.Expires,
        ["Revoked"] = key.Revoked,
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
        entity.GetBinary("SecretHash"));
}

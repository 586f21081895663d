using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Platforms;

/// <summary>Platforms, in table <c>Platforms</c>.</summary>
public sealed class PlatformStore(Tables tables, TimeProvider time)
{
    private const int CachedPlatforms = 10_000;

    private readonly BoundedCache<string, Platform> _cache =
        new(CachedPlatforms, CacheLifetimes.Found, CacheLifetimes.Missing, time);

    /// <summary>Returns the platform as it was at most a minute ago, or null. Makes a storage call only if it is not cached.</summary>
    internal Task<Platform?> GetAsync(string key, CancellationToken cancellationToken) =>
        _cache.GetAsync(key, (Store: this, key), static (platform, cancellationToken) => platform.Store.FindAsync(platform.key, cancellationToken), cancellationToken);

    /// <summary>Reads a platform from storage, or returns null if it does not exist; one storage call.</summary>
    public async Task<Platform?> FindAsync(string key, CancellationToken cancellationToken) =>
        await tables.Platforms.FindAsync(TableKey.Platforms, TableKey.Escape(key), cancellationToken) is { } entity ? FromEntity(entity) : null;

    /// <summary>All platforms, ordered by key; one storage call per 1,000.</summary>
    public IAsyncEnumerable<Platform> AllAsync(CancellationToken cancellationToken)
    {
        string partition = TableKey.Platforms;
        return tables.Platforms.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellationToken).Select(FromEntity);
    }

    /// <summary>Creates a platform. Returns false and changes nothing if the key already exists.</summary>
    public async Task<bool> TryCreateAsync(Platform platform, CancellationToken cancellationToken)
    {
        TableEntity entity = new(TableKey.Platforms, TableKey.Escape(platform.Key))
        {
            ["Key"] = platform.Key,
            ["Org"] = platform.Org,
            ["Suspended"] = platform.Suspended,
        };
        return await tables.Platforms.TryAddAsync(entity, cancellationToken) is not null;
    }

    /// <summary>Suspends or resumes a platform, on all instances within a minute. Returns null if it does not exist.</summary>
    public async Task<Platform?> SetSuspendedAsync(string key, bool suspended, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is not { } platform)
        {
            return null;
        }

        await tables.Platforms.UpdateEntityAsync(
            new TableEntity(TableKey.Platforms, TableKey.Escape(key)) { ["Suspended"] = suspended, ["SuspendedAt"] = time.GetUtcNow() },
            ETag.All,
            TableUpdateMode.Merge,
            cancellationToken);
        return platform with { Suspended = suspended };
    }

    /// <summary>Changes a platform's organization. Returns null if the platform does not exist.</summary>
    /// <param name="key">The platform's key.</param>
    /// <param name="org">Null for none.</param>
    /// <param name="cancellationToken">Cancels the call; the change may have been made.</param>
    public async Task<Platform?> SetOrgAsync(string key, string? org, CancellationToken cancellationToken)
    {
        while (await tables.Platforms.FindAsync(TableKey.Platforms, TableKey.Escape(key), cancellationToken) is { } entity)
        {
            entity["Org"] = org;
            if (await tables.Platforms.TryReplaceAsync(entity, entity.ETag, cancellationToken) is not null)
            {
                return FromEntity(entity);
            }
        }

        return null;
    }

    /// <summary>Returns since when a platform has been suspended, or null if it is not.</summary>
    internal async Task<Suspension?> FindSuspensionAsync(string key, CancellationToken cancellationToken) =>
        await tables.Platforms.FindAsync(TableKey.Platforms, TableKey.Escape(key), cancellationToken) is { } entity && FromEntity(entity).Suspended
            ? new Suspension(entity.GetDateTimeOffset("SuspendedAt") ?? entity.Timestamp ?? time.GetUtcNow(), entity.ETag)
            : null;

    /// <summary>Deletes the platform's own row. Returns false if it has changed.</summary>
    internal Task<bool> TryRemoveAsync(string key, Suspension suspension, CancellationToken cancellationToken) =>
        tables.Platforms.TryDeleteAsync(TableKey.Platforms, TableKey.Escape(key), suspension.ETag, cancellationToken);

    private static Platform FromEntity(TableEntity entity) =>
        new(entity.GetString("Key"), entity.GetString("Org"), entity.GetBoolean("Suspended") ?? false);
}

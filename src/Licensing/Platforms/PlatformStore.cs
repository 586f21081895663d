using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Platforms;

/// <summary>Platforms, in table <c>Platforms</c>.</summary>
public sealed class PlatformStore(Tables tables, TimeProvider time)
{
    private const string Partition = "platform";
    private const int CachedPlatforms = 10_000;

    private readonly BoundedCache<string, Platform> _cache =
        new(CachedPlatforms, CacheLifetimes.Found, CacheLifetimes.Missing, time);

    /// <summary>The platform as it was at most a minute ago, or null; a storage call only when it is not remembered.</summary>
    public Task<Platform?> GetAsync(string key, CancellationToken cancellationToken) =>
        _cache.GetAsync(key, (Store: this, key), static (platform, read) => platform.Store.FindAsync(platform.key, read), cancellationToken);

    /// <summary>The platform as storage has it now, or null; one storage call.</summary>
    public async Task<Platform?> FindAsync(string key, CancellationToken cancellationToken) =>
        await tables.Platforms.FindAsync(Partition, TableKey.Escape(key), cancellationToken) is { } entity ? FromEntity(entity) : null;

    /// <summary>All platforms, by key; one storage call for each 1,000 of them.</summary>
    public IAsyncEnumerable<Platform> AllAsync(CancellationToken cancellationToken)
    {
        string partition = Partition;
        return tables.Platforms.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellationToken).Select(FromEntity);
    }

    /// <summary>False when a platform of this key exists already; nothing is changed then.</summary>
    public async Task<bool> TryCreateAsync(Platform platform, CancellationToken cancellationToken)
    {
        TableEntity entity = new(Partition, TableKey.Escape(platform.Key))
        {
            ["Key"] = platform.Key,
            ["Org"] = platform.Org,
            ["Suspended"] = platform.Suspended,
        };
        return await tables.Platforms.TryAddAsync(entity, cancellationToken);
    }

    /// <summary>Suspends or resumes a platform, everywhere within the minute; null when there is none of this key.</summary>
    public async Task<Platform?> SetSuspendedAsync(string key, bool suspended, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is not { } platform)
        {
            return null;
        }

        await tables.Platforms.UpdateEntityAsync(
            new TableEntity(Partition, TableKey.Escape(key)) { ["Suspended"] = suspended }, ETag.All, TableUpdateMode.Merge, cancellationToken);
        return platform with { Suspended = suspended };
    }

    private static Platform FromEntity(TableEntity entity) =>
        new(entity.GetString("Key"), entity.GetString("Org"), entity.GetBoolean("Suspended") ?? false);
}

using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.ApiKeys;

/// <summary>
/// Records which API keys were used, to the hour. Requests only note it in memory; <see cref="ApiKeyUseWriter"/>
/// writes it once an hour for each key.
/// </summary>
public sealed class ApiKeyUses(Tables tables, TimeProvider time)
{
    private const int MaxKeys = 10_000;

    /// <summary>The hour of the last noted use of each key.</summary>
    private readonly LruCache<string, DateTimeOffset> _noted = new(MaxKeys);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _unwritten = new();

    /// <summary>Notes that a key is being used; no I/O.</summary>
    internal void Note(string keyId)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset hour = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerHour));
        if (_noted.Find(keyId) == hour)
        {
            return;
        }

        _noted.Set(keyId, hour);
        if (_unwritten.Count < MaxKeys)
        {
            _unwritten[keyId] = hour;
        }
    }

    /// <summary>Writes the pending uses. A use that fails stays pending.</summary>
    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        foreach (KeyValuePair<string, DateTimeOffset> use in _unwritten)
        {
            await WriteAsync(use.Key, use.Value, cancellationToken);
            _unwritten.TryRemove(use);
        }
    }

    private async Task WriteAsync(string keyId, DateTimeOffset hour, CancellationToken cancellationToken)
    {
        string partition = TableKey.Escape(keyId);
        if (await tables.ApiKeys.FindAsync(partition, TableKey.ApiKey, cancellationToken) is not { } key
            || key.GetDateTimeOffset(ApiKeyStore.LastUsed) >= hour)
        {
            return;
        }

        try
        {
            await tables.ApiKeys.UpdateEntityAsync(
                new TableEntity(partition, TableKey.ApiKey) { [ApiKeyStore.LastUsed] = hour }, key.ETag, TableUpdateMode.Merge, cancellationToken);
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 412)
        {
            // Another instance wrote it, or the key was changed. The next hour is written again.
        }
    }
}

using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Microsoft.Extensions.Options;

namespace Licensing.Storage;

/// <summary>The four tables; docs/design.md describes their rows.</summary>
public sealed class Tables
{
    /// <summary>Creates clients for the tables with the configured prefix. Connects to nothing.</summary>
    public Tables(TableServiceClient service, IOptions<TablesOptions> options)
    {
        string prefix = options.Value.Prefix;
        Account = service.Uri;
        Assignments = service.GetTableClient($"{prefix}Assignments");
        Directory = service.GetTableClient($"{prefix}Directory");
        ApiKeys = service.GetTableClient($"{prefix}ApiKeys");
        Platforms = service.GetTableClient($"{prefix}Platforms");
    }

    /// <summary>The address of the storage account's table service.</summary>
    public Uri Account { get; }

    internal TableClient Assignments { get; }

    internal TableClient Directory { get; }

    internal TableClient ApiKeys { get; }

    internal TableClient Platforms { get; }

    /// <summary>Creates the tables that are missing.</summary>
    public Task CreateIfMissingAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(new[] { Assignments, Directory, ApiKeys, Platforms }
            .Select(table => table.CreateIfNotExistsAsync(cancellationToken)));
}

internal static class TableClientReads
{
    /// <summary>Returns an entity, or null if it or its table does not exist; one storage call.</summary>
    public static async Task<TableEntity?> FindAsync(
        this TableClient table, string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> response =
            await table.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellationToken);
        return response.HasValue ? response.Value : null;
    }

    /// <summary>The entities of a partition whose row key starts with <paramref name="rowPrefix"/>, in key order.</summary>
    public static AsyncPageable<TableEntity> QueryAsync(
        this TableClient table, string partitionKey, string rowPrefix, CancellationToken cancellationToken)
    {
        string end = TableKey.After(rowPrefix);
        return table.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {rowPrefix} and RowKey lt {end}"),
            cancellationToken: cancellationToken);
    }

    /// <summary>
    /// Yields no entities if the table does not exist. Only for requests: verification, repair and backup must not mistake a
    /// missing table for an empty one.
    /// </summary>
    public static async IAsyncEnumerable<TableEntity> OrNoneAsync(this AsyncPageable<TableEntity> entities)
    {
        await using IAsyncEnumerator<TableEntity> rest = entities.GetAsyncEnumerator();
        while (await MoveNextAsync(rest))
        {
            yield return rest.Current;
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<TableEntity> entities)
    {
        try
        {
            return await entities.MoveNextAsync();
        }
        catch (RequestFailedException missing) when (missing.Status == 404 && missing.ErrorCode == TableErrorCode.TableNotFound)
        {
            return false;
        }
    }
}

internal static class TableClientWrites
{
    /// <summary>Maximum number of entities in an entity group transaction.</summary>
    /// <seealso href="https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions"/>
    public const int MaxEntities = 100;

    /// <summary>Adds an entity and returns its ETag, or null if its key already exists.</summary>
    public static async Task<ETag?> TryAddAsync(this TableClient table, TableEntity entity, CancellationToken cancellationToken)
    {
        try
        {
            return (await table.AddEntityAsync(entity, cancellationToken)).Headers.ETag;
        }
        catch (RequestFailedException conflict) when (conflict.Status == 409 && conflict.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return null;
        }
    }

    /// <summary>Replaces an entity and returns its new ETag, or null if it was changed or deleted since it was read.</summary>
    public static async Task<ETag?> TryReplaceAsync(
        this TableClient table, TableEntity entity, ETag etag, CancellationToken cancellationToken)
    {
        try
        {
            return (await table.UpdateEntityAsync(entity, etag, TableUpdateMode.Replace, cancellationToken)).Headers.ETag;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 412)
        {
            return null;
        }
    }

    /// <summary>Deletes an entity. Returns false if it was changed or deleted since it was read.</summary>
    public static async Task<bool> TryDeleteAsync(
        this TableClient table, string partitionKey, string rowKey, ETag etag, CancellationToken cancellationToken)
    {
        try
        {
            await table.DeleteEntityAsync(partitionKey, rowKey, etag, cancellationToken);
            return true;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 412)
        {
            return false;
        }
    }

    /// <summary>Submits an entity group transaction. Returns false if a row was added, changed or deleted since it was read.</summary>
    public static async Task<bool> TrySubmitAsync(
        this TableClient table, IEnumerable<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await table.SubmitTransactionAsync(actions, cancellationToken);
            return true;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 409 or 412)
        {
            return false;
        }
    }
}

using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Licensing.Storage;

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

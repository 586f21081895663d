using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Licensing.Storage;

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

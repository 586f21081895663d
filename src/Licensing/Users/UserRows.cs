using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Users;

/// <summary>The users' own rows, by id, in the platform's partition of table <c>Assignments</c>.</summary>
internal sealed class UserRows(Tables tables)
{
    public async Task<User?> FindAsync(string platform, long id, CancellationToken cancellationToken) =>
        await FindRowAsync(platform, id, cancellationToken) is { } row ? FromEntity(platform, row) : null;

    public Task<TableEntity?> FindRowAsync(string platform, long id, CancellationToken cancellationToken) =>
        tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.User(id), cancellationToken);

    public IAsyncEnumerable<User> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.User, cancellationToken)
            .Select(row => FromEntity(platform, row));

    /// <summary>Returns the highest id in use, from this user's id to the end of the sequence's range.</summary>
    public async Task<long> LastIdAsync(User from, CancellationToken cancellationToken)
    {
        (string partition, string first, string end) = (TableKey.Escape(from.Platform), TableKey.User(from.Id), TableKey.User(int.MaxValue));
        long last = from.Id;
        await foreach (TableEntity row in tables.Assignments.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {first} and RowKey lt {end}"),
            select: [nameof(ITableEntity.RowKey)],
            cancellationToken: cancellationToken))
        {
            last = TableKey.IdIn(row.RowKey);
        }

        return last;
    }

    /// <summary>Returns false if the id is in use.</summary>
    public async Task<bool> TryAddAsync(User user, CancellationToken cancellationToken) =>
        await tables.Assignments.TryAddAsync(ToEntity(user), cancellationToken) is not null;

    /// <summary>Adds at most 100 users of one platform in one transaction. Returns false and adds none if an id is in use.</summary>
    public async Task<bool> TryAddTogetherAsync(IReadOnlyList<User> users, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Assignments.SubmitTransactionAsync(
                users.Select(user => new TableTransactionAction(TableTransactionActionType.Add, ToEntity(user))), cancellationToken);
            return true;
        }
        catch (TableTransactionFailedException conflict) when (conflict.Status == 409)
        {
            return false;
        }
    }

    /// <summary>Returns the new ETag, or null if the row has changed since.</summary>
    public Task<ETag?> TryReplaceAsync(User user, ETag etag, CancellationToken cancellationToken) =>
        tables.Assignments.TryReplaceAsync(ToEntity(user), etag, cancellationToken);

    /// <summary>Changes only the ETag. Returns false if the row has changed since.</summary>
    public async Task<bool> TryTouchAsync(TableEntity row, CancellationToken cancellationToken) =>
        await tables.Assignments.TryReplaceAsync(row, row.ETag, cancellationToken) is not null;

    /// <summary>Returns false if the row has changed since.</summary>
    public Task<bool> TryDeleteAsync(TableEntity row, CancellationToken cancellationToken) =>
        tables.Assignments.TryDeleteAsync(row.PartitionKey, row.RowKey, row.ETag, cancellationToken);

    public static TableEntity ToEntity(User user) => new(TableKey.Escape(user.Platform), TableKey.User(user.Id))
    {
        ["Username"] = user.Username,
        ["Email"] = user.Email?.Text,
    };

    public static User FromEntity(string platform, TableEntity entity) => new(
        platform,
        TableKey.IdIn(entity.RowKey),
        entity.GetString("Username"),
        EmailAddress.TryParse(entity.GetString("Email"), out EmailAddress? email) ? email : null);
}

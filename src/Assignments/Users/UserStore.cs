using System.Globalization;
using System.Runtime.CompilerServices;
using Assignments.Storage;
using Azure;
using Azure.Data.Tables;

namespace Assignments;

/// <summary>
/// Users: one row by id in their platform's partition of table <c>Assignments</c>, and for those with an address one
/// row in its partition of table <c>Directory</c>. Both hold the whole user, so that either look-up is one call.
/// </summary>
public sealed class UserStore(Tables tables, IdSequence ids, TimeProvider time) : IDisposable
{
    private const int CachedUsers = 20_000;

    private readonly BoundedCache<(string Platform, long Id), User> _byId =
        new(CachedUsers, CacheLifetimes.Found, CacheLifetimes.Missing, time);

    private readonly BoundedCache<(string Platform, string Email), User> _byEmail =
        new(CachedUsers, CacheLifetimes.Found, CacheLifetimes.Missing, time);

    /// <summary>The user as it was at most a minute ago, or null; a storage call only when it is not remembered.</summary>
    public Task<User?> GetAsync(string platform, long id, CancellationToken cancellation) =>
        _byId.GetAsync((platform, id), read => FindAsync(platform, id, read), cancellation);

    /// <inheritdoc cref="GetAsync(string, long, CancellationToken)"/>
    public Task<User?> GetAsync(string platform, EmailAddress email, CancellationToken cancellation) =>
        _byEmail.GetAsync((platform, email.Normalized), read => FindAsync(platform, email, read), cancellation);

    public async Task<User?> FindAsync(string platform, long id, CancellationToken cancellation) =>
        await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.User(id), cancellation) is { } entity
            ? new User(platform, id, entity.GetString("Username"), Email(entity))
            : null;

    public async Task<User?> FindAsync(string platform, EmailAddress email, CancellationToken cancellation) =>
        await tables.Directory.FindAsync(TableKey.Of(email), TableKey.Escape(platform), cancellation) is { } entity
            ? FromDirectory(entity)
            : null;

    /// <summary>Whoever has this address, on all platforms; one storage call.</summary>
    public async Task<IReadOnlyList<User>> FindEverywhereAsync(EmailAddress email, CancellationToken cancellation)
    {
        string partition = TableKey.Of(email);
        List<User> users = [];
        await foreach (TableEntity entity in tables.Directory.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellation))
        {
            users.Add(FromDirectory(entity));
        }

        return users;
    }

    /// <summary>All users of a platform, by id; one storage call for each 1,000 of them.</summary>
    public async IAsyncEnumerable<User> OfPlatformAsync(
        string platform, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (TableEntity entity in tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.User, cancellation))
        {
            yield return new User(platform, Id(entity), entity.GetString("Username"), Email(entity));
        }
    }

    /// <summary>Adds a user, its id from the sequence when <paramref name="id"/> is null.</summary>
    /// <remarks>
    /// The directory row goes first: it keeps two users from having one address. A run that breaks off in between is
    /// completed by the same call made again, which takes the id found there.
    /// </remarks>
    public async Task<AddUserOutcome> AddAsync(
        string platform, long? id, string username, EmailAddress? email, CancellationToken cancellation)
    {
        if (id is { } wanted && await FindAsync(platform, wanted, cancellation) is not null)
        {
            return new AddUserOutcome.IdTaken();
        }

        while (true)
        {
            User user = new(platform, id ?? await ids.LeaseAsync(platform, IdKind.User, 1, cancellation), username, email);
            if (email is not null && !await tables.Directory.TryAddAsync(ToDirectory(user, email), cancellation))
            {
                User? holder = await FindAsync(platform, email, cancellation);
                if (holder is null || (id is not null && holder.Id != id) || await FindAsync(platform, holder.Id, cancellation) is not null)
                {
                    return new AddUserOutcome.EmailTaken();
                }

                user = user with { Id = holder.Id };
                await tables.Directory.UpsertEntityAsync(ToDirectory(user, email), TableUpdateMode.Replace, cancellation);
            }

            if (await tables.Assignments.TryAddAsync(ToEntity(user), cancellation))
            {
                return new AddUserOutcome.Added(user);
            }

            if (email is not null)
            {
                await tables.Directory.DeleteEntityAsync(TableKey.Of(email), TableKey.Escape(platform), ETag.All, cancellation);
            }

            if (id is not null)
            {
                return new AddUserOutcome.IdTaken();
            }
        }
    }

    public void Dispose()
    {
        _byId.Dispose();
        _byEmail.Dispose();
    }

    private static TableEntity ToEntity(User user) => new(TableKey.Escape(user.Platform), TableKey.User(user.Id))
    {
        ["Username"] = user.Username,
        ["Email"] = user.Email?.Text,
    };

    private static TableEntity ToDirectory(User user, EmailAddress email) => new(TableKey.Of(email), TableKey.Escape(user.Platform))
    {
        ["Platform"] = user.Platform,
        ["UserId"] = user.Id,
        ["Username"] = user.Username,
        ["Email"] = email.Text,
    };

    private static User FromDirectory(TableEntity entity) => new(
        entity.GetString("Platform"),
        entity.GetInt64("UserId") ?? 0,
        entity.GetString("Username"),
        Email(entity));

    private static long Id(TableEntity entity) =>
        long.Parse(entity.RowKey.AsSpan(RowPrefix.User.Length), CultureInfo.InvariantCulture);

    private static EmailAddress? Email(TableEntity entity) =>
        EmailAddress.TryParse(entity.GetString("Email"), out EmailAddress? email) ? email : null;
}

/// <summary>How adding a user ended.</summary>
public abstract record AddUserOutcome
{
    private AddUserOutcome()
    {
    }

    public sealed record Added(User User) : AddUserOutcome;

    public sealed record IdTaken : AddUserOutcome;

    public sealed record EmailTaken : AddUserOutcome;
}

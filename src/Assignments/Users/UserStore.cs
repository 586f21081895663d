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

    /// <summary>Each is in a partition of its own, so they can not be written together.</summary>
    private const int DirectoryRowsAtOnce = 16;

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
            ? FromEntity(platform, entity)
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
            if (await EnterAsync(user, mayTakeItsId: id is null, cancellation) is not AddUserOutcome.Added entered)
            {
                return new AddUserOutcome.EmailTaken();
            }

            user = entered.User;
            if (await tables.Assignments.TryAddAsync(ToEntity(user), cancellation))
            {
                return new AddUserOutcome.Added(user);
            }

            await WithdrawAsync(user, cancellation);
            if (id is not null)
            {
                return new AddUserOutcome.IdTaken();
            }
        }
    }

    /// <summary>
    /// Adds users as <see cref="AddAsync"/> does, their rows by id in one entity group transaction: at most 100, no
    /// two with the same id or address. Made again after it broke off, it completes what is there.
    /// </summary>
    /// <returns>How each ended, in the same order.</returns>
    public async Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, CancellationToken cancellation)
    {
        int nameless = users.Count(user => user.Id is null);
        long nextId = nameless == 0 ? 0 : await ids.LeaseAsync(platform, IdKind.User, nameless, cancellation);
        User[] wanted = [.. users.Select(user => new User(platform, user.Id ?? nextId++, user.Username, user.Email))];
        AddUserOutcome[] outcomes = new AddUserOutcome[users.Count];
        await Parallel.ForAsync(
            0,
            users.Count,
            new ParallelOptions { MaxDegreeOfParallelism = DirectoryRowsAtOnce, CancellationToken = cancellation },
            async (i, stop) => outcomes[i] = await EnterAsync(wanted[i], mayTakeItsId: users[i].Id is null, stop));

        User[] entered = [.. outcomes.OfType<AddUserOutcome.Added>().Select(outcome => outcome.User)];
        if (entered.Length == 0 || await TryAddTogetherAsync(entered, cancellation))
        {
            return outcomes;
        }

        // One of the ids is in use, or an earlier try of this very transaction went through: each by itself.
        for (int i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i] is not AddUserOutcome.Added(var user) || await tables.Assignments.TryAddAsync(ToEntity(user), cancellation))
            {
                continue;
            }

            if (await FindAsync(platform, user.Id, cancellation) == user)
            {
                outcomes[i] = new AddUserOutcome.AlreadyThere();
                continue;
            }

            await WithdrawAsync(user, cancellation);
            outcomes[i] = users[i].Id is null
                ? await AddAsync(platform, id: null, user.Username, user.Email, cancellation)
                : new AddUserOutcome.IdTaken();
        }

        return outcomes;
    }

    /// <summary>Changes a user's name and address.</summary>
    /// <param name="change">From the user as it is to how it shall be; the id stays.</param>
    /// <remarks>
    /// The new address is entered in the directory first and the old one struck off last: meanwhile both are answered
    /// as the user's, and at no time an address that is the user's is not. A run that breaks off in between is
    /// completed by the same call made again.
    /// </remarks>
    public async Task<UpdateUserOutcome> UpdateAsync(
        string platform, long id, Func<User, User> change, CancellationToken cancellation)
    {
        while (true)
        {
            if (await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.User(id), cancellation) is not { } row)
            {
                return new UpdateUserOutcome.NotFound();
            }

            User current = FromEntity(platform, row);
            User next = change(current);
            if (next.Email is { } address && !await TryTakeAsync(next, address, cancellation))
            {
                return new UpdateUserOutcome.EmailTaken();
            }

            bool same = next == current && next.Email?.Text == current.Email?.Text;
            if (!same && !await TryReplaceAsync(next, row.ETag, cancellation))
            {
                continue;
            }

            if (same)
            {
                // An earlier run may have come as far as this; which address it left is no longer known.
                await StrikeOffAsync(next, cancellation);
            }
            else if (current.Email is { } left && left != next.Email)
            {
                await StrikeOffAsync(next, left, cancellation);
            }

            return new UpdateUserOutcome.Updated(next);
        }
    }

    /// <summary>Removes a user, from the directory first; its assignments have to be gone.</summary>
    public async Task RemoveAsync(User user, CancellationToken cancellation)
    {
        if (user.Email is { } address)
        {
            await StrikeOffAsync(user with { Email = null }, address, cancellation);
        }

        await tables.Assignments.DeleteEntityAsync(
            TableKey.Escape(user.Platform), TableKey.User(user.Id), ETag.All, cancellation);
    }

    public void Dispose()
    {
        _byId.Dispose();
        _byEmail.Dispose();
    }

    /// <summary>Enters a new user in the directory; one without an address needs no entry.</summary>
    private async Task<AddUserOutcome> EnterAsync(User user, bool mayTakeItsId, CancellationToken cancellation)
    {
        if (user.Email is not { } email || await tables.Directory.TryAddAsync(ToDirectory(user, email), cancellation))
        {
            return new AddUserOutcome.Added(user);
        }

        User? holder = await FindAsync(user.Platform, email, cancellation);
        if (holder is null || (!mayTakeItsId && holder.Id != user.Id)
            || await FindAsync(user.Platform, holder.Id, cancellation) is not null)
        {
            return new AddUserOutcome.EmailTaken();
        }

        User completed = user with { Id = holder.Id };
        await tables.Directory.UpsertEntityAsync(ToDirectory(completed, email), TableUpdateMode.Replace, cancellation);
        return new AddUserOutcome.Added(completed);
    }

    /// <summary>
    /// Takes back the entry of a user whose id proved to be in use; it stays when another call, that took the id found
    /// there, has added the user meanwhile.
    /// </summary>
    private async Task WithdrawAsync(User user, CancellationToken cancellation)
    {
        if (user.Email is not { } email)
        {
            return;
        }

        if (await FindAsync(user.Platform, user.Id, cancellation) is { } added && added.Email == email)
        {
            await tables.Directory.UpsertEntityAsync(ToDirectory(added, email), TableUpdateMode.Replace, cancellation);
        }
        else
        {
            await tables.Directory.DeleteEntityAsync(TableKey.Of(email), TableKey.Escape(user.Platform), ETag.All, cancellation);
        }
    }

    private async Task<bool> TryAddTogetherAsync(IReadOnlyList<User> users, CancellationToken cancellation)
    {
        try
        {
            await tables.Assignments.SubmitTransactionAsync(
                users.Select(user => new TableTransactionAction(TableTransactionActionType.Add, ToEntity(user))), cancellation);
            return true;
        }
        catch (TableTransactionFailedException conflict) when (conflict.Status == 409)
        {
            return false;
        }
    }

    /// <summary>Enters the user under this address; false when it is another's.</summary>
    private async Task<bool> TryTakeAsync(User user, EmailAddress address, CancellationToken cancellation)
    {
        TableEntity entry = ToDirectory(user, address);
        if (await tables.Directory.TryAddAsync(entry, cancellation))
        {
            return true;
        }

        if (await FindAsync(user.Platform, address, cancellation) is not { } holder || holder.Id != user.Id)
        {
            return false;
        }

        await tables.Directory.UpsertEntityAsync(entry, TableUpdateMode.Replace, cancellation);
        return true;
    }

    private async Task<bool> TryReplaceAsync(User user, ETag etag, CancellationToken cancellation)
    {
        try
        {
            await tables.Assignments.UpdateEntityAsync(ToEntity(user), etag, TableUpdateMode.Replace, cancellation);
            return true;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 412)
        {
            return false;
        }
    }

    /// <summary>Strikes every address but the user's own off the directory: a scan of it, which the server filters.</summary>
    private async Task StrikeOffAsync(User user, CancellationToken cancellation)
    {
        string row = TableKey.Escape(user.Platform);
        await foreach (TableEntity entry in tables.Directory.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"RowKey eq {row} and UserId eq {user.Id}"), cancellationToken: cancellation))
        {
            if (FromDirectory(entry).Email is { } address && address != user.Email)
            {
                await StrikeOffAsync(user, address, cancellation);
            }
        }
    }

    /// <summary>Strikes an address off the directory, if it is there as this user's.</summary>
    private async Task StrikeOffAsync(User user, EmailAddress address, CancellationToken cancellation)
    {
        if (await FindAsync(user.Platform, address, cancellation) is { } holder && holder.Id == user.Id)
        {
            await tables.Directory.DeleteEntityAsync(TableKey.Of(address), TableKey.Escape(user.Platform), ETag.All, cancellation);
        }
    }

    internal static TableEntity ToEntity(User user) => new(TableKey.Escape(user.Platform), TableKey.User(user.Id))
    {
        ["Username"] = user.Username,
        ["Email"] = user.Email?.Text,
    };

    internal static TableEntity ToDirectory(User user, EmailAddress email) => new(TableKey.Of(email), TableKey.Escape(user.Platform))
    {
        ["Platform"] = user.Platform,
        ["UserId"] = user.Id,
        ["Username"] = user.Username,
        ["Email"] = email.Text,
    };

    internal static User FromEntity(string platform, TableEntity entity) =>
        new(platform, TableKey.IdIn(entity.RowKey), entity.GetString("Username"), Email(entity));

    internal static User FromDirectory(TableEntity entity) => new(
        entity.GetString("Platform"),
        entity.GetInt64("UserId") ?? 0,
        entity.GetString("Username"),
        Email(entity));

    private static long Id(TableEntity entity) =>
        long.Parse(entity.RowKey.AsSpan(RowPrefix.User.Length), CultureInfo.InvariantCulture);

    private static EmailAddress? Email(TableEntity entity) =>
        EmailAddress.TryParse(entity.GetString("Email"), out EmailAddress? email) ? email : null;
}

/// <param name="Id">Null for the next free one.</param>
public sealed record NewUser(long? Id, string Username, EmailAddress? Email);

/// <summary>How changing a user ended.</summary>
public abstract record UpdateUserOutcome
{
    private UpdateUserOutcome()
    {
    }

    public sealed record Updated(User User) : UpdateUserOutcome;

    public sealed record NotFound : UpdateUserOutcome;

    public sealed record EmailTaken : UpdateUserOutcome;
}

/// <summary>How adding a user ended.</summary>
public abstract record AddUserOutcome
{
    private AddUserOutcome()
    {
    }

    public sealed record Added(User User) : AddUserOutcome;

    /// <summary>Exactly this user was added meanwhile, by an earlier try or by another caller.</summary>
    public sealed record AlreadyThere : AddUserOutcome;

    public sealed record IdTaken : AddUserOutcome;

    public sealed record EmailTaken : AddUserOutcome;
}

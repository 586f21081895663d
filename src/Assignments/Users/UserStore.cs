using System.Runtime.CompilerServices;
using Assignments.Storage;
using Azure;
using Azure.Data.Tables;

namespace Assignments;

/// <summary>
/// Users: one row by id in their platform's partition of table <c>Assignments</c>, and for those with an address one
/// row in its partition of table <c>Directory</c>. Both hold the whole user, so that either look-up is one call.
/// </summary>
public sealed class UserStore : IDisposable
{
    private const int CachedUsers = 20_000;

    /// <summary>Each is in a partition of its own, so they cannot be written together.</summary>
    private const int DirectoryRowsAtOnce = 16;

    private readonly Tables _tables;
    private readonly IdSequence _ids;
    private readonly UserFences _fences;
    private readonly BoundedCache<(string Platform, long Id), User> _byId;
    private readonly BoundedCache<(string Platform, string Email), User> _byEmail;

    public UserStore(Tables tables, IdSequence ids, TimeProvider time)
    {
        (_tables, _ids) = (tables, ids);
        _fences = new UserFences(tables, time);
        Directory = new UserDirectory(tables, _fences);
        _byId = new(CachedUsers, CacheLifetimes.Found, CacheLifetimes.Missing, time);
        _byEmail = new(CachedUsers, CacheLifetimes.Found, CacheLifetimes.Missing, time);
    }

    internal UserDirectory Directory { get; }

    /// <summary>The user as it was at most a minute ago, or null; a storage call only when it is not remembered.</summary>
    public Task<User?> GetAsync(string platform, long id, CancellationToken cancellation) =>
        _byId.GetAsync((platform, id), read => FindAsync(platform, id, read), cancellation);

    /// <inheritdoc cref="GetAsync(string, long, CancellationToken)"/>
    public async Task<User?> GetAsync(string platform, EmailAddress email, CancellationToken cancellation)
    {
        User? user = await _byEmail.GetAsync((platform, email.Normalized), read => FindAsync(platform, email, read), cancellation);
        // What is remembered of the same user under its id may be newer.
        return user is not null && _byId.Peek((platform, user.Id)) is { } byId && byId.Email != email
            ? await GetAnewAsync(platform, email, cancellation)
            : user;
    }

    /// <summary>The user as it is now, remembered for those who ask next.</summary>
    internal Task<User?> GetAnewAsync(string platform, long id, CancellationToken cancellation) =>
        _byId.GetAnewAsync((platform, id), read => FindAsync(platform, id, read), cancellation);

    /// <inheritdoc cref="GetAnewAsync(string, long, CancellationToken)"/>
    internal Task<User?> GetAnewAsync(string platform, EmailAddress email, CancellationToken cancellation) =>
        _byEmail.GetAnewAsync((platform, email.Normalized), read => FindAsync(platform, email, read), cancellation);

    public async Task<User?> FindAsync(string platform, long id, CancellationToken cancellation) =>
        await FindRowAsync(platform, id, cancellation) is { } row ? FromEntity(platform, row) : null;

    public Task<User?> FindAsync(string platform, EmailAddress email, CancellationToken cancellation) =>
        Directory.HolderAsync(platform, email, cancellation);

    /// <inheritdoc cref="UserDirectory.HoldersAsync"/>
    public Task<IReadOnlyList<User>> FindEverywhereAsync(EmailAddress email, CancellationToken cancellation) =>
        Directory.HoldersAsync(email, cancellation);

    /// <summary>All users of a platform, by id; one storage call for each 1,000 of them.</summary>
    public async IAsyncEnumerable<User> OfPlatformAsync(
        string platform, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (TableEntity entity in _tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.User, cancellation))
        {
            yield return FromEntity(platform, entity);
        }
    }

    /// <summary>Adds a user, its id from the sequence when <paramref name="id"/> is null.</summary>
    /// <remarks>
    /// The address is kept in the directory first, so that two users never have one; it is answered once the user's
    /// own row is there. A run that breaks off in between is completed by the same call made again.
    /// </remarks>
    public async Task<AddUserOutcome> AddAsync(
        string platform, long? id, string username, EmailAddress? email, CancellationToken cancellation)
    {
        if (id is { } wanted)
        {
            if (await FindAsync(platform, wanted, cancellation) is { } there)
            {
                await CompleteAsync(there, cancellation);
                return new AddUserOutcome.IdTaken();
            }

            await _ids.StepAsideAsync(platform, IdKind.User, wanted, cancellation);
        }

        return await AddAsync(new NewUser(id, username, email), platform, named: [], cancellation);
    }

    /// <inheritdoc cref="AddGroupAsync(string, IReadOnlyList{NewUser}, IReadOnlySet{long}, CancellationToken)"/>
    public Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, CancellationToken cancellation) =>
        AddGroupAsync(platform, users, users.Where(user => user.Id is not null).Select(user => user.Id!.Value).ToHashSet(), cancellation);

    /// <summary>
    /// Adds users as <see cref="AddAsync(string, long?, string, EmailAddress?, CancellationToken)"/> does, their rows by
    /// id in one entity group transaction: at most 100, no two with the same id or address. Made again after it broke
    /// off, it completes what is there.
    /// </summary>
    /// <param name="named">Ids that users of this group, or of others that belong to it, are to have; no other user is given one.</param>
    /// <returns>How each ended, in the same order.</returns>
    public async Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, IReadOnlySet<long> named, CancellationToken cancellation)
    {
        long nextId = await LeaseAsync(platform, users.Count(user => user.Id is null), named, cancellation);
        User[] wanted = [.. users.Select(user => new User(platform, user.Id ?? nextId++, user.Username, user.Email))];
        Entry?[] entries = new Entry?[users.Count];
        await ForEachAsync(users.Count, async (i, stop) => entries[i] = await EnterAsync(wanted[i], users[i].Id is null, named, stop), cancellation);

        // An id that a run which broke off had meant for one may be another's by now: that one is added by itself.
        HashSet<long> ids = [];
        bool[] together = [.. entries.Select(entry => entry is not null && ids.Add(entry.User.Id))];
        User[] rows = [.. entries.Where((_, i) => together[i]).Select(entry => entry!.User)];
        bool added = rows.Length == 0 || await TryAddTogetherAsync(rows, cancellation);
        AddUserOutcome[] outcomes = new AddUserOutcome[users.Count];
        await ForEachAsync(
            users.Count,
            async (i, stop) => outcomes[i] = entries[i] is not { } entry ? new AddUserOutcome.EmailTaken()
                : together[i] && added ? await SettleAsync(entry, stop)
                : together[i] && await FindAsync(platform, entry.User.Id, stop) == entry.User ? ThereIf(await SettleAsync(entry, stop))
                : await AddEnteredAsync(entry, users[i], named, stop),
            cancellation);
        return outcomes;
    }

    /// <summary>Changes a user's name and address.</summary>
    /// <param name="change">From the user as it is to how it shall be; the id stays.</param>
    /// <remarks>
    /// Either address is answered as the user's while the user's own row has it, and at no time another. The old one is
    /// given free last. A run that breaks off in between is completed by the same call made again.
    /// </remarks>
    public async Task<UpdateUserOutcome> UpdateAsync(
        string platform, long id, Func<User, User> change, CancellationToken cancellation)
    {
        while (true)
        {
            if (await FindRowAsync(platform, id, cancellation) is not { } row)
            {
                return new UpdateUserOutcome.NotFound();
            }

            User current = FromEntity(platform, row);
            User next = change(current);
            if (next == current && next.Email?.Text == row.GetString("Email"))
            {
                return await CompleteUpdateAsync(next, cancellation);
            }

            Reservation? kept = null;
            if (next.Email is { } email && email != current.Email
                && (kept = await Directory.ReserveAsync(next, email, _ => false, cancellation)) is null)
            {
                return new UpdateUserOutcome.EmailTaken();
            }

            if (current.Email is { } left && left != next.Email)
            {
                await Directory.MarkLeavingAsync(platform, id, left, cancellation);
            }

            if (await TryReplaceAsync(next, row.ETag, cancellation) is { } replaced)
            {
                return await FinishUpdateAsync(current, next, kept, replaced, cancellation);
            }

            if (kept is not null)
            {
                await Directory.WithdrawAsync(kept, cancellation);
            }
        }
    }

    /// <summary>Removes a user; its assignments have to be gone. Its address is free once no instance takes it for this user.</summary>
    public async Task RemoveAsync(User user, CancellationToken cancellation)
    {
        (string platform, EmailAddress? email) = (user.Platform, user.Email);
        while (await FindRowAsync(platform, user.Id, cancellation) is { } row)
        {
            // As it is now: another change may have come in between.
            email = FromEntity(platform, row).Email;
            if (email is not null)
            {
                await Directory.MarkLeavingAsync(platform, user.Id, email, cancellation);
            }

            if (await TryDeleteAsync(row, cancellation))
            {
                break;
            }
        }

        if (email is null || !await Directory.FreeAsync(platform, user.Id, email, cancellation))
        {
            await _fences.PlaceAsync(platform, user.Id, cancellation);
        }
    }

    public void Dispose()
    {
        _byId.Dispose();
        _byEmail.Dispose();
    }

    private async Task<AddUserOutcome> AddAsync(NewUser wanted, string platform, HashSet<long> named, CancellationToken cancellation)
    {
        User user = new(platform, wanted.Id ?? await _ids.LeaseAsync(platform, IdKind.User, 1, cancellation), wanted.Username, wanted.Email);
        return await EnterAsync(user, wanted.Id is null, named, cancellation) is { } entry
            ? await AddEnteredAsync(entry, wanted, named, cancellation)
            : new AddUserOutcome.EmailTaken();
    }

    /// <summary>Leases ids of which none is named, and lets the sequence go on after those that are.</summary>
    private async Task<long> LeaseAsync(string platform, int count, IReadOnlySet<long> named, CancellationToken cancellation)
    {
        long first = count == 0 ? 0 : await _ids.LeaseAsync(platform, IdKind.User, count, cancellation);
        await _ids.StepAsideAsync(platform, IdKind.User, named.Where(id => id < int.MaxValue).DefaultIfEmpty().Max(), cancellation);
        return named.Any(id => id >= first && id < first + count)
            ? await _ids.LeaseAsync(platform, IdKind.User, count, cancellation)
            : first;
    }

    /// <summary>Keeps a new user's address, where it has one; null when somebody has it.</summary>
    private async Task<Entry?> EnterAsync(User user, bool isNameless, IReadOnlySet<long> named, CancellationToken cancellation)
    {
        if (user.Email is not { } email)
        {
            return new Entry(user, Kept: null);
        }

        Reservation? kept = await Directory.ReserveAsync(
            user, email, id => id == user.Id || (isNameless && !named.Contains(id)), cancellation);
        return kept is null ? null : new Entry(kept.User, kept);
    }

    /// <summary>Adds the row by id of a user whose address is kept, under another id where its own proves to be in use.</summary>
    private async Task<AddUserOutcome> AddEnteredAsync(
        Entry entry, NewUser wanted, IReadOnlySet<long> named, CancellationToken cancellation)
    {
        while (true)
        {
            User user = entry.User;
            if (await _tables.Assignments.TryAddAsync(ToEntity(user), cancellation))
            {
                return await SettleAsync(entry, cancellation);
            }

            if (await FindAsync(user.Platform, user.Id, cancellation) is not { } there)
            {
                continue;
            }

            if (user.Email is not null && there.Email == user.Email)
            {
                await CompleteAsync(there, cancellation);
                return new AddUserOutcome.EmailTaken();
            }

            if (wanted.Id is not null)
            {
                if (entry.Kept is not null)
                {
                    await Directory.WithdrawAsync(entry.Kept, cancellation);
                }

                return new AddUserOutcome.IdTaken();
            }

            await StepAsideAsync(there, cancellation);
            long next = await _ids.LeaseAsync(user.Platform, IdKind.User, 1, cancellation);
            if (await EnterAsync(user with { Id = next }, isNameless: true, named, cancellation) is not { } again)
            {
                return new AddUserOutcome.EmailTaken();
            }

            entry = again;
        }
    }

    /// <summary>Lets the sequence go on after all ids in use: those that were given by hand before the sequence heeded them.</summary>
    private async Task StepAsideAsync(User inUse, CancellationToken cancellation)
    {
        (string partition, string from, string to) = (TableKey.Escape(inUse.Platform), TableKey.User(inUse.Id), TableKey.User(int.MaxValue));
        long last = inUse.Id;
        await foreach (TableEntity row in _tables.Assignments.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {from} and RowKey lt {to}"),
            select: [nameof(ITableEntity.RowKey)],
            cancellationToken: cancellation))
        {
            last = TableKey.IdIn(row.RowKey);
        }

        await _ids.StepAsideAsync(inUse.Platform, IdKind.User, last, cancellation);
    }

    /// <summary>Has the address of a user whose own row is there answered; takes the row back when the address has gone to another.</summary>
    private async Task<AddUserOutcome> SettleAsync(Entry entry, CancellationToken cancellation)
    {
        User user = entry.User;
        if (entry.Kept is null || await Directory.SettleAsync(entry.Kept, cancellation))
        {
            return new AddUserOutcome.Added(user);
        }

        if (await FindRowAsync(user.Platform, user.Id, cancellation) is { } row && FromEntity(user.Platform, row) == user)
        {
            await TryDeleteAsync(row, cancellation);
        }

        return new AddUserOutcome.EmailTaken();
    }

    /// <summary>Exactly this user was there before: added by an earlier try, or by another caller.</summary>
    private static AddUserOutcome ThereIf(AddUserOutcome settled) =>
        settled is AddUserOutcome.Added ? new AddUserOutcome.AlreadyThere() : settled;

    /// <summary>Completes what a run that broke off has left of a user.</summary>
    private async Task<bool> CompleteAsync(User user, CancellationToken cancellation) =>
        user.Email is not { } email || await Directory.SettleAsync(user, email, cancellation);

    private async Task<UpdateUserOutcome> CompleteUpdateAsync(User user, CancellationToken cancellation)
    {
        if (!await CompleteAsync(user, cancellation))
        {
            return new UpdateUserOutcome.EmailTaken();
        }

        // An earlier run may have come as far as this; which address it left is no longer known.
        await foreach (DirectoryEntry entry in Directory.OfPlatformAsync(user.Platform, user.Id, cancellation))
        {
            if (entry.User.Email is { } address && address != user.Email)
            {
                await Directory.FreeAsync(user.Platform, user.Id, address, cancellation);
            }
        }

        return new UpdateUserOutcome.Updated(user);
    }

    private async Task<UpdateUserOutcome> FinishUpdateAsync(
        User before, User user, Reservation? kept, ETag etag, CancellationToken cancellation)
    {
        if (kept is null)
        {
            await CompleteAsync(user, cancellation);
        }
        else if (!await Directory.SettleAsync(kept, cancellation))
        {
            await TryReplaceAsync(before, etag, cancellation);
            await CompleteAsync(before, cancellation);
            return new UpdateUserOutcome.EmailTaken();
        }

        if (before.Email is { } left && left != user.Email)
        {
            await Directory.FreeAsync(user.Platform, user.Id, left, cancellation);
        }

        return new UpdateUserOutcome.Updated(user);
    }

    private Task<TableEntity?> FindRowAsync(string platform, long id, CancellationToken cancellation) =>
        _tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.User(id), cancellation);

    private static Task ForEachAsync(int count, Func<int, CancellationToken, ValueTask> act, CancellationToken cancellation) =>
        Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = DirectoryRowsAtOnce, CancellationToken = cancellation }, act);

    private async Task<bool> TryAddTogetherAsync(IReadOnlyList<User> users, CancellationToken cancellation)
    {
        try
        {
            await _tables.Assignments.SubmitTransactionAsync(
                users.Select(user => new TableTransactionAction(TableTransactionActionType.Add, ToEntity(user))), cancellation);
            return true;
        }
        catch (TableTransactionFailedException conflict) when (conflict.Status == 409)
        {
            return false;
        }
    }

    private async Task<ETag?> TryReplaceAsync(User user, ETag etag, CancellationToken cancellation)
    {
        try
        {
            return (await _tables.Assignments.UpdateEntityAsync(ToEntity(user), etag, TableUpdateMode.Replace, cancellation)).Headers.ETag;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 412)
        {
            return null;
        }
    }

    private async Task<bool> TryDeleteAsync(TableEntity row, CancellationToken cancellation)
    {
        try
        {
            await _tables.Assignments.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancellation);
            return true;
        }
        catch (RequestFailedException conflict) when (conflict.Status is 404 or 412)
        {
            return false;
        }
    }

    internal static TableEntity ToEntity(User user) => new(TableKey.Escape(user.Platform), TableKey.User(user.Id))
    {
        ["Username"] = user.Username,
        ["Email"] = user.Email?.Text,
    };

    internal static TableEntity ToDirectory(User user, EmailAddress email) => UserDirectory.ToEntity(user, email);

    internal static User FromEntity(string platform, TableEntity entity) => new(
        platform,
        TableKey.IdIn(entity.RowKey),
        entity.GetString("Username"),
        EmailAddress.TryParse(entity.GetString("Email"), out EmailAddress? email) ? email : null);

    /// <param name="Kept">Null for a user without an address.</param>
    private sealed record Entry(User User, Reservation? Kept);
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

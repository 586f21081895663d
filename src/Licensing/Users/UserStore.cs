using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Users;

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

    internal UserFences Fences => _fences;

    /// <summary>The user as it was at most a minute ago, or null; a storage call only when it is not remembered.</summary>
    public Task<User?> GetAsync(string platform, long id, CancellationToken cancellationToken) =>
        _byId.GetAsync((platform, id), read => FindAsync(platform, id, read), cancellationToken);

    /// <inheritdoc cref="GetAsync(string, long, CancellationToken)"/>
    public async Task<User?> GetAsync(string platform, EmailAddress email, CancellationToken cancellationToken)
    {
        User? user = await _byEmail.GetAsync((platform, email.Normalized), read => FindAsync(platform, email, read), cancellationToken);
        // What is remembered of the same user under its id may be newer.
        return user is not null && _byId.Peek((platform, user.Id)) is { } byId && byId.Email != email
            ? await GetAnewAsync(platform, email, cancellationToken)
            : user;
    }

    /// <summary>The user as it is now, remembered for those who ask next.</summary>
    internal Task<User?> GetAnewAsync(string platform, long id, CancellationToken cancellationToken) =>
        _byId.GetAnewAsync((platform, id), read => FindAsync(platform, id, read), cancellationToken);

    /// <inheritdoc cref="GetAnewAsync(string, long, CancellationToken)"/>
    internal Task<User?> GetAnewAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        _byEmail.GetAnewAsync((platform, email.Normalized), read => FindAsync(platform, email, read), cancellationToken);

    public async Task<User?> FindAsync(string platform, long id, CancellationToken cancellationToken) =>
        await FindRowAsync(platform, id, cancellationToken) is { } row ? FromEntity(platform, row) : null;

    public Task<User?> FindAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        Directory.HolderAsync(platform, email, cancellationToken);

    /// <inheritdoc cref="UserDirectory.HoldersAsync"/>
    public Task<IReadOnlyList<User>> FindEverywhereAsync(EmailAddress email, CancellationToken cancellationToken) =>
        Directory.HoldersAsync(email, cancellationToken);

    /// <summary>All users of a platform, by id; one storage call for each 1,000 of them.</summary>
    public async IAsyncEnumerable<User> OfPlatformAsync(
        string platform, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in _tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.User, cancellationToken))
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
        string platform, long? id, string username, EmailAddress? email, CancellationToken cancellationToken)
    {
        if (id is { } wanted)
        {
            if (await FindAsync(platform, wanted, cancellationToken) is { } there)
            {
                await CompleteAsync(there, cancellationToken);
                return new AddUserOutcome.IdTaken();
            }

            await _ids.StepAsideAsync(platform, IdKind.User, wanted, cancellationToken);
        }

        return await AddAsync(new NewUser(id, username, email), platform, named: [], cancellationToken);
    }

    /// <inheritdoc cref="AddGroupAsync(string, IReadOnlyList{NewUser}, IReadOnlySet{long}, CancellationToken)"/>
    public Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, CancellationToken cancellationToken) =>
        AddGroupAsync(platform, users, users.Where(user => user.Id is not null).Select(user => user.Id!.Value).ToHashSet(), cancellationToken);

    /// <summary>
    /// Adds users as <see cref="AddAsync(string, long?, string, EmailAddress?, CancellationToken)"/> does, their rows by
    /// id in one entity group transaction: at most 100, no two with the same id or address. Made again after it broke
    /// off, it completes what is there.
    /// </summary>
    /// <param name="named">Ids that users of this group, or of others that belong to it, are to have; no other user is given one.</param>
    /// <returns>How each ended, in the same order.</returns>
    public async Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        long nextId = await LeaseAsync(platform, users.Count(user => user.Id is null), named, cancellationToken);
        User[] wanted = [.. users.Select(user => new User(platform, user.Id ?? nextId++, user.Username, user.Email))];
        Entry?[] entries = new Entry?[users.Count];
        await ForEachAsync(users.Count, async (i, stop) => entries[i] = await EnterAsync(wanted[i], users[i].Id is null, named, stop), cancellationToken);

        // An id that a run which broke off had meant for one may be another's by now: that one is added by itself.
        HashSet<long> ids = [];
        bool[] together = [.. entries.Select(entry => entry is not null && ids.Add(entry.User.Id))];
        User[] rows = [.. entries.Where((_, i) => together[i]).Select(entry => entry!.User)];
        bool added = rows.Length == 0 || await TryAddTogetherAsync(rows, cancellationToken);
        AddUserOutcome[] outcomes = new AddUserOutcome[users.Count];
        await ForEachAsync(
            users.Count,
            async (i, stop) => outcomes[i] = entries[i] is not { } entry ? new AddUserOutcome.EmailTaken()
                : together[i] && added ? await SettleAsync(entry, stop)
                : together[i] && await FindAsync(platform, entry.User.Id, stop) == entry.User ? ThereIf(await SettleAsync(entry, stop))
                : await AddEnteredAsync(entry, users[i], named, stop),
            cancellationToken);
        return outcomes;
    }

    /// <summary>Changes a user's name and address.</summary>
    /// <param name="change">From the user as it is to how it shall be; the id stays.</param>
    /// <remarks>
    /// Either address is answered as the user's while the user's own row has it, and at no time another. The old one is
    /// given free last. A run that breaks off in between is completed by the same call made again.
    /// </remarks>
    public async Task<UpdateUserOutcome> UpdateAsync(
        string platform, long id, Func<User, User> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindRowAsync(platform, id, cancellationToken) is not { } row)
            {
                return new UpdateUserOutcome.NotFound();
            }

            User current = FromEntity(platform, row);
            User next = change(current);
            if (next == current && next.Email?.Text == row.GetString("Email"))
            {
                return await CompleteUpdateAsync(next, cancellationToken);
            }

            Reservation? kept = null;
            if (next.Email is { } email && email != current.Email
                && (kept = await Directory.ReserveAsync(next, email, _ => false, cancellationToken)) is null)
            {
                return new UpdateUserOutcome.EmailTaken();
            }

            if (current.Email is { } left && left != next.Email)
            {
                await Directory.MarkLeavingAsync(platform, id, left, cancellationToken);
            }

            if (await TryReplaceAsync(next, row.ETag, cancellationToken) is { } replaced)
            {
                return await FinishUpdateAsync(current, next, kept, replaced, cancellationToken);
            }

            if (kept is not null)
            {
                await Directory.WithdrawAsync(kept, cancellationToken);
            }
        }
    }

    /// <summary>Removes a user; its assignments have to be gone. Its address is free once no instance takes it for this user.</summary>
    public async Task RemoveAsync(User user, CancellationToken cancellationToken)
    {
        (string platform, EmailAddress? email) = (user.Platform, user.Email);
        while (await FindRowAsync(platform, user.Id, cancellationToken) is { } row)
        {
            // As it is now: another change may have come in between.
            email = FromEntity(platform, row).Email;
            if (email is not null)
            {
                await Directory.MarkLeavingAsync(platform, user.Id, email, cancellationToken);
            }

            if (await TryDeleteAsync(row, cancellationToken))
            {
                break;
            }
        }

        if (email is null || !await Directory.FreeAsync(platform, user.Id, email, cancellationToken))
        {
            await _fences.PlaceAsync(platform, user.Id, cancellationToken);
        }
    }

    public void Dispose()
    {
        _byId.Dispose();
        _byEmail.Dispose();
    }

    private async Task<AddUserOutcome> AddAsync(NewUser wanted, string platform, HashSet<long> named, CancellationToken cancellationToken)
    {
        User user = new(platform, wanted.Id ?? await _ids.LeaseAsync(platform, IdKind.User, 1, cancellationToken), wanted.Username, wanted.Email);
        return await EnterAsync(user, wanted.Id is null, named, cancellationToken) is { } entry
            ? await AddEnteredAsync(entry, wanted, named, cancellationToken)
            : new AddUserOutcome.EmailTaken();
    }

    /// <summary>Leases ids of which none is named, and lets the sequence go on after those that are.</summary>
    private async Task<long> LeaseAsync(string platform, int count, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        long first = count == 0 ? 0 : await _ids.LeaseAsync(platform, IdKind.User, count, cancellationToken);
        await _ids.StepAsideAsync(platform, IdKind.User, named.Where(id => id < int.MaxValue).DefaultIfEmpty().Max(), cancellationToken);
        return named.Any(id => id >= first && id < first + count)
            ? await _ids.LeaseAsync(platform, IdKind.User, count, cancellationToken)
            : first;
    }

    /// <summary>Keeps a new user's address, where it has one; null when somebody has it.</summary>
    private async Task<Entry?> EnterAsync(User user, bool isNameless, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        if (user.Email is not { } email)
        {
            return new Entry(user, Kept: null);
        }

        Reservation? kept = await Directory.ReserveAsync(
            user, email, id => id == user.Id || (isNameless && !named.Contains(id)), cancellationToken);
        return kept is null ? null : new Entry(kept.User, kept);
    }

    /// <summary>Adds the row by id of a user whose address is kept, under another id where its own proves to be in use.</summary>
    private async Task<AddUserOutcome> AddEnteredAsync(
        Entry entry, NewUser wanted, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        while (true)
        {
            User user = entry.User;
            if (await _tables.Assignments.TryAddAsync(ToEntity(user), cancellationToken))
            {
                return await SettleAsync(entry, cancellationToken);
            }

            if (await FindAsync(user.Platform, user.Id, cancellationToken) is not { } there)
            {
                continue;
            }

            if (user.Email is not null && there.Email == user.Email)
            {
                await CompleteAsync(there, cancellationToken);
                return new AddUserOutcome.EmailTaken();
            }

            if (wanted.Id is not null)
            {
                if (entry.Kept is not null)
                {
                    await Directory.WithdrawAsync(entry.Kept, cancellationToken);
                }

                return new AddUserOutcome.IdTaken();
            }

            await StepAsideAsync(there, cancellationToken);
            long next = await _ids.LeaseAsync(user.Platform, IdKind.User, 1, cancellationToken);
            if (await EnterAsync(user with { Id = next }, isNameless: true, named, cancellationToken) is not { } again)
            {
                return new AddUserOutcome.EmailTaken();
            }

            entry = again;
        }
    }

    /// <summary>Lets the sequence go on after all ids in use: those that were given by hand before the sequence heeded them.</summary>
    private async Task StepAsideAsync(User inUse, CancellationToken cancellationToken)
    {
        (string partition, string from, string to) = (TableKey.Escape(inUse.Platform), TableKey.User(inUse.Id), TableKey.User(int.MaxValue));
        long last = inUse.Id;
        await foreach (TableEntity row in _tables.Assignments.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {from} and RowKey lt {to}"),
            select: [nameof(ITableEntity.RowKey)],
            cancellationToken: cancellationToken))
        {
            last = TableKey.IdIn(row.RowKey);
        }

        await _ids.StepAsideAsync(inUse.Platform, IdKind.User, last, cancellationToken);
    }

    /// <summary>Has the address of a user whose own row is there answered; takes the row back when the address has gone to another.</summary>
    private async Task<AddUserOutcome> SettleAsync(Entry entry, CancellationToken cancellationToken)
    {
        User user = entry.User;
        if (entry.Kept is null || await Directory.SettleAsync(entry.Kept, cancellationToken))
        {
            return new AddUserOutcome.Added(user);
        }

        if (await FindRowAsync(user.Platform, user.Id, cancellationToken) is { } row && FromEntity(user.Platform, row) == user)
        {
            await TryDeleteAsync(row, cancellationToken);
        }

        return new AddUserOutcome.EmailTaken();
    }

    /// <summary>Exactly this user was there before: added by an earlier try, or by another caller.</summary>
    private static AddUserOutcome ThereIf(AddUserOutcome settled) =>
        settled is AddUserOutcome.Added ? new AddUserOutcome.AlreadyThere() : settled;

    /// <summary>Completes what a run that broke off has left of a user.</summary>
    private async Task<bool> CompleteAsync(User user, CancellationToken cancellationToken) =>
        user.Email is not { } email || await Directory.SettleAsync(user, email, cancellationToken);

    private async Task<UpdateUserOutcome> CompleteUpdateAsync(User user, CancellationToken cancellationToken)
    {
        if (!await CompleteAsync(user, cancellationToken))
        {
            return new UpdateUserOutcome.EmailTaken();
        }

        // An earlier run may have come as far as this; which address it left is no longer known.
        await foreach (DirectoryEntry entry in Directory.OfPlatformAsync(user.Platform, user.Id, cancellationToken))
        {
            if (entry.User.Email is { } address && address != user.Email)
            {
                await Directory.FreeAsync(user.Platform, user.Id, address, cancellationToken);
            }
        }

        return new UpdateUserOutcome.Updated(user);
    }

    private async Task<UpdateUserOutcome> FinishUpdateAsync(
        User before, User user, Reservation? kept, ETag etag, CancellationToken cancellationToken)
    {
        if (kept is null)
        {
            await CompleteAsync(user, cancellationToken);
        }
        else if (!await Directory.SettleAsync(kept, cancellationToken))
        {
            await TryReplaceAsync(before, etag, cancellationToken);
            await CompleteAsync(before, cancellationToken);
            return new UpdateUserOutcome.EmailTaken();
        }

        if (before.Email is { } left && left != user.Email)
        {
            await Directory.FreeAsync(user.Platform, user.Id, left, cancellationToken);
        }

        return new UpdateUserOutcome.Updated(user);
    }

    private Task<TableEntity?> FindRowAsync(string platform, long id, CancellationToken cancellationToken) =>
        _tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.User(id), cancellationToken);

    private static Task ForEachAsync(int count, Func<int, CancellationToken, ValueTask> act, CancellationToken cancellationToken) =>
        Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = DirectoryRowsAtOnce, CancellationToken = cancellationToken }, act);

    private async Task<bool> TryAddTogetherAsync(IReadOnlyList<User> users, CancellationToken cancellationToken)
    {
        try
        {
            await _tables.Assignments.SubmitTransactionAsync(
                users.Select(user => new TableTransactionAction(TableTransactionActionType.Add, ToEntity(user))), cancellationToken);
            return true;
        }
        catch (TableTransactionFailedException conflict) when (conflict.Status == 409)
        {
            return false;
        }
    }

    private Task<ETag?> TryReplaceAsync(User user, ETag etag, CancellationToken cancellationToken) =>
        _tables.Assignments.TryReplaceAsync(ToEntity(user), etag, cancellationToken);

    private Task<bool> TryDeleteAsync(TableEntity row, CancellationToken cancellationToken) =>
        _tables.Assignments.TryDeleteAsync(row.PartitionKey, row.RowKey, row.ETag, cancellationToken);

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

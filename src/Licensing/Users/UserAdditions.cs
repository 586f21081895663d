using Licensing.Storage;

namespace Licensing.Users;

/// <summary>Adds users, one by one or in groups.</summary>
internal sealed class UserAdditions(UserRows rows, UserDirectory directory, IdSequence ids)
{
    /// <summary>Each is in a partition of its own, so they cannot be written together.</summary>
    private const int DirectoryRowsAtOnce = 16;

    /// <inheritdoc cref="UserStore.AddAsync"/>
    /// <remarks>
    /// The address is kept in the directory first, so that two users never have one; it is answered once the user's
    /// own row is there. A run that breaks off in between is completed by the same call made again.
    /// </remarks>
    public async Task<AddUserOutcome> AddAsync(
        string platform, long? id, string username, EmailAddress? email, CancellationToken cancellationToken)
    {
        if (id is { } wanted)
        {
            if (await rows.FindAsync(platform, wanted, cancellationToken) is { } there)
            {
                await directory.CompleteAsync(there, cancellationToken);
                return new AddUserOutcome.IdTaken();
            }

            await ids.StepAsideAsync(platform, IdKind.User, wanted, cancellationToken);
        }

        return await AddAsync(new NewUser(id, username, email), platform, named: [], cancellationToken);
    }

    /// <inheritdoc cref="UserStore.AddGroupAsync(string, IReadOnlyList{NewUser}, IReadOnlySet{long}, CancellationToken)"/>
    public async Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        long nextId = await LeaseAsync(platform, users.Count(user => user.Id is null), named, cancellationToken);
        User[] wanted = [.. users.Select(user => new User(platform, user.Id ?? nextId++, user.Username, user.Email))];
        Entry?[] entries = new Entry?[users.Count];
        await ForEachAsync(users.Count, async (i, stop) => entries[i] = await EnterAsync(wanted[i], users[i].Id is null, named, stop), cancellationToken);

        // An id that a run which broke off had meant for one may be another's by now: that one is added by itself.
        HashSet<long> seen = [];
        bool[] together = [.. entries.Select(entry => entry is not null && seen.Add(entry.User.Id))];
        User[] group = [.. entries.Where((_, i) => together[i]).Select(entry => entry!.User)];
        bool added = group.Length == 0 || await rows.TryAddTogetherAsync(group, cancellationToken);
        AddUserOutcome[] outcomes = new AddUserOutcome[users.Count];
        await ForEachAsync(
            users.Count,
            async (i, stop) => outcomes[i] = entries[i] is not { } entry ? new AddUserOutcome.EmailTaken()
                : together[i] && added ? await SettleAsync(entry, stop)
                : together[i] && await rows.FindAsync(platform, entry.User.Id, stop) == entry.User ? ThereIf(await SettleAsync(entry, stop))
                : await AddEnteredAsync(entry, users[i], named, stop),
            cancellationToken);
        return outcomes;
    }

    private async Task<AddUserOutcome> AddAsync(NewUser wanted, string platform, HashSet<long> named, CancellationToken cancellationToken)
    {
        User user = new(platform, wanted.Id ?? await ids.LeaseAsync(platform, IdKind.User, 1, cancellationToken), wanted.Username, wanted.Email);
        return await EnterAsync(user, wanted.Id is null, named, cancellationToken) is { } entry
            ? await AddEnteredAsync(entry, wanted, named, cancellationToken)
            : new AddUserOutcome.EmailTaken();
    }

    /// <summary>Leases ids of which none is named, and lets the sequence go on after those that are.</summary>
    private async Task<long> LeaseAsync(string platform, int count, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        long first = count == 0 ? 0 : await ids.LeaseAsync(platform, IdKind.User, count, cancellationToken);
        await ids.StepAsideAsync(platform, IdKind.User, named.Where(id => id < int.MaxValue).DefaultIfEmpty().Max(), cancellationToken);
        return named.Any(id => id >= first && id < first + count)
            ? await ids.LeaseAsync(platform, IdKind.User, count, cancellationToken)
            : first;
    }

    /// <summary>Keeps a new user's address, where it has one; null when somebody has it.</summary>
    private async Task<Entry?> EnterAsync(User user, bool isNameless, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        if (user.Email is not { } email)
        {
            return new Entry(user, Kept: null);
        }

        Reservation? kept = await directory.ReserveAsync(
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
            if (await rows.TryAddAsync(user, cancellationToken))
            {
                return await SettleAsync(entry, cancellationToken);
            }

            if (await rows.FindAsync(user.Platform, user.Id, cancellationToken) is not { } there)
            {
                continue;
            }

            if (user.Email is not null && there.Email == user.Email)
            {
                await directory.CompleteAsync(there, cancellationToken);
                return new AddUserOutcome.EmailTaken();
            }

            if (wanted.Id is not null)
            {
                await WithdrawAsync(entry, cancellationToken);
                return new AddUserOutcome.IdTaken();
            }

            await StepAsideAsync(there, cancellationToken);
            long next = await ids.LeaseAsync(user.Platform, IdKind.User, 1, cancellationToken);
            if (await EnterAsync(user with { Id = next }, isNameless: true, named, cancellationToken) is not { } again)
            {
                return new AddUserOutcome.EmailTaken();
            }

            entry = again;
        }
    }

    private async Task WithdrawAsync(Entry entry, CancellationToken cancellationToken)
    {
        if (entry.Kept is not null)
        {
            await directory.WithdrawAsync(entry.Kept, cancellationToken);
        }
    }

    /// <summary>Lets the sequence go on after all ids in use: those that were given by hand before the sequence heeded them.</summary>
    private async Task StepAsideAsync(User inUse, CancellationToken cancellationToken) =>
        await ids.StepAsideAsync(inUse.Platform, IdKind.User, await rows.LastIdAsync(inUse, cancellationToken), cancellationToken);

    /// <summary>Has the address of a user whose own row is there answered; takes the row back when the address has gone to another.</summary>
    private async Task<AddUserOutcome> SettleAsync(Entry entry, CancellationToken cancellationToken)
    {
        User user = entry.User;
        if (entry.Kept is null || await directory.SettleAsync(entry.Kept, cancellationToken))
        {
            return new AddUserOutcome.Added(user);
        }

        if (await rows.FindRowAsync(user.Platform, user.Id, cancellationToken) is { } row && UserRows.FromEntity(user.Platform, row) == user)
        {
            await rows.TryDeleteAsync(row, cancellationToken);
        }

        return new AddUserOutcome.EmailTaken();
    }

    /// <summary>Exactly this user was there before: added by an earlier try, or by another caller.</summary>
    private static AddUserOutcome ThereIf(AddUserOutcome settled) =>
        settled is AddUserOutcome.Added ? new AddUserOutcome.AlreadyThere() : settled;

    private static Task ForEachAsync(int count, Func<int, CancellationToken, ValueTask> act, CancellationToken cancellationToken) =>
        Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = DirectoryRowsAtOnce, CancellationToken = cancellationToken }, act);

    /// <param name="User">The user, with the id that its row is to have.</param>
    /// <param name="Kept">Null for a user without an address.</param>
    private sealed record Entry(User User, Reservation? Kept);
}

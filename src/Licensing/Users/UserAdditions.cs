using Licensing.Storage;

namespace Licensing.Users;

/// <summary>Adds users, individually or in groups.</summary>
internal sealed class UserAdditions(UserRows rows, UserDirectory directory, IdSequence ids)
{
    /// <summary>Concurrent writes of directory rows; each has its own partition, so they cannot share a transaction.</summary>
    private const int DirectoryRowsAtOnce = 16;

    /// <inheritdoc cref="UserStore.AddAsync"/>
    /// <remarks>
    /// Reserves the address in the directory first, so that no two users have it. Lookups find the user once the user's own
    /// row is added. Repeating the call completes an interrupted one.
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
        Addition?[] entries = new Addition?[users.Count];
        await ForEachAsync(users.Count, async (i, cancellationToken) => entries[i] = await EnterAsync(wanted[i], users[i].Id is null, named, cancellationToken), cancellationToken);

        // A reserved id of an interrupted run may be in use by another user of this group: add such a user individually.
        HashSet<long> seen = [];
        bool[] together = [.. entries.Select(entry => entry is not null && seen.Add(entry.User.Id))];
        User[] group = [.. entries.Where((_, i) => together[i]).Select(entry => entry!.User)];
        bool added = group.Length == 0 || await rows.TryAddTogetherAsync(group, cancellationToken);
        AddUserOutcome[] outcomes = new AddUserOutcome[users.Count];
        await ForEachAsync(
            users.Count,
            async (i, cancellationToken) => outcomes[i] = entries[i] is not { } entry ? new AddUserOutcome.EmailTaken()
                : together[i] && added ? await SettleAsync(entry, cancellationToken)
                : together[i] && await rows.FindAsync(platform, entry.User.Id, cancellationToken) == entry.User ? ThereIf(await SettleAsync(entry, cancellationToken))
                : await AddEnteredAsync(entry, users[i], named, cancellationToken),
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

    /// <summary>Leases ids other than the named ones, and moves the sequence past the named ones.</summary>
    private async Task<long> LeaseAsync(string platform, int count, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        long first = count == 0 ? 0 : await ids.LeaseAsync(platform, IdKind.User, count, cancellationToken);
        await ids.StepAsideAsync(platform, IdKind.User, named.Where(id => id < int.MaxValue).DefaultIfEmpty().Max(), cancellationToken);
        return named.Any(id => id >= first && id < first + count)
            ? await ids.LeaseAsync(platform, IdKind.User, count, cancellationToken)
            : first;
    }

    /// <summary>Reserves a new user's address, if any. Returns null if another user has it.</summary>
    private async Task<Addition?> EnterAsync(User user, bool isNameless, IReadOnlySet<long> named, CancellationToken cancellationToken)
    {
        if (user.Email is not { } email)
        {
            return new Addition(user, Kept: null);
        }

        Reservation? kept = await directory.ReserveAsync(
            user, email, id => id == user.Id || (isNameless && !named.Contains(id)), cancellationToken);
        return kept is null ? null : new Addition(kept.User, kept);
    }

    /// <summary>Adds the own row of a user whose address is reserved, with a new id if the leased one is in use.</summary>
    private async Task<AddUserOutcome> AddEnteredAsync(
        Addition entry, NewUser wanted, IReadOnlySet<long> named, CancellationToken cancellationToken)
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

    private async Task WithdrawAsync(Addition entry, CancellationToken cancellationToken)
    {
        if (entry.Kept is not null)
        {
            await directory.WithdrawAsync(entry.Kept, cancellationToken);
        }
    }

    /// <summary>Moves the sequence past all ids in use, including ids chosen by hand that it does not know.</summary>
    private async Task StepAsideAsync(User inUse, CancellationToken cancellationToken) =>
        await ids.StepAsideAsync(inUse.Platform, IdKind.User, await rows.LastIdAsync(inUse, cancellationToken), cancellationToken);

    /// <summary>Settles the address of a user whose own row is added, or deletes the row if another user has taken the address.</summary>
    private async Task<AddUserOutcome> SettleAsync(Addition entry, CancellationToken cancellationToken)
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

    private static AddUserOutcome ThereIf(AddUserOutcome settled) =>
        settled is AddUserOutcome.Added ? new AddUserOutcome.AlreadyThere() : settled;

    private static Task ForEachAsync(int count, Func<int, CancellationToken, ValueTask> act, CancellationToken cancellationToken) =>
        Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = DirectoryRowsAtOnce, CancellationToken = cancellationToken }, act);

    /// <param name="User">The user, with the id for its row.</param>
    /// <param name="Kept">The reserved address; null for a user without one.</param>
    private sealed record Addition(User User, Reservation? Kept);
}

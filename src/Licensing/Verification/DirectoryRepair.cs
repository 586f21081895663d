using Azure.Data.Tables;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>
/// Repairs users' own rows and their rows in the directory from each other. Each write is conditional on the ETag it was
/// decided on, and the last copy of a user's name or address is never removed.
/// </summary>
internal sealed class DirectoryRepair(Tables tables, UserStore users, string platform)
{
    /// <summary>
    /// Corrects the directory by the user's own row. If that is lost, restores it from the directory, unless the directory's
    /// row remains from an interrupted change.
    /// </summary>
    public async Task<string?> AgreeAsync(long userId, EmailAddress email, CancellationToken cancellationToken)
    {
        TableEntity? row = await FindRowAsync(userId, cancellationToken);
        DirectoryEntry? entry = await users.Directory.FindAsync(platform, email, cancellationToken);
        if (entry?.User.Id == userId && await RestoreAsync(row, entry, cancellationToken) is { } restored)
        {
            return restored;
        }

        User? byId = row is null ? null : UserRows.FromEntity(platform, row);
        if (byId?.Email != email)
        {
            return await users.Directory.FreeAsync(platform, userId, email, cancellationToken)
                ? $"Removed a row of the directory that gave user {userId} an address that is not theirs."
                : null;
        }

        if (entry is not null && entry.User.Id != userId)
        {
            return await ReplaceNamedAsync(byId, email, entry, cancellationToken);
        }

        bool agrees = entry is { State: EntryState.Settled } && entry.User == byId && entry.Address == byId.Email.Text;
        return !agrees && await users.Directory.SettleAsync(byId, email, cancellationToken) ? Restored(userId) : null;
    }

    /// <summary>Completes a change of a user that was interrupted after the user's own row was written.</summary>
    public async Task<string?> CompleteAsync(long userId, EmailAddress email, CancellationToken cancellationToken) =>
        await users.FindAsync(platform, userId, cancellationToken) is { } user && user.Email == email
        && await users.Directory.FindAsync(platform, email, cancellationToken) is { State: not EntryState.Settled }
        && await users.Directory.SettleAsync(user, email, cancellationToken)
            ? $"Completed the directory's row of user {userId}."
            : null;

    /// <summary>
    /// Moves a row of the directory to the key of its address, or removes it if the user's own row has a better copy of the
    /// data. Restores the user's own row if it is lost.
    /// </summary>
    public async Task<string?> MoveAsync(DirectoryEntry entry, CancellationToken cancellationToken)
    {
        long userId = entry.User.Id;
        TableEntity? row = await FindRowAsync(userId, cancellationToken);
        List<DirectoryEntry> copies = row is null ? await CopiesAsync(userId, cancellationToken) : [entry];
        DirectoryEntry? copy = copies.Find(each => each.IsInPlace) ?? copies.FirstOrDefault();
        if (copies.Count > 1 && copy is { IsInPlace: false })
        {
            return $"Could not repair user {userId}: the user's own row is lost, and several rows of table Directory have its id. "
                + $"Add the user with 'user add --id {userId}' and the name and address of the right one, then repair again.";
        }

        string? restored = copy is null ? null : await RestoreAsync(row, copy, cancellationToken);
        User? user = await users.FindAsync(platform, userId, cancellationToken);
        if (user is null && entry.State == EntryState.Settled)
        {
            return restored;
        }

        string done = user?.Email is { } email && email == entry.User.Email
            ? await SettleAsync(user, email, cancellationToken)
            : $"Removed a row of the directory for user {userId} that nothing looks up.";
        return await users.Directory.TryDeleteAsync(entry, cancellationToken)
            ? restored is null ? done : $"{restored} {done}"
            : restored;
    }

    /// <summary>Returns the settled rows of a user in the directory.</summary>
    private async Task<List<DirectoryEntry>> CopiesAsync(long userId, CancellationToken cancellationToken) =>
        await users.Directory.OfPlatformAsync(platform, userId, cancellationToken)
            .Where(entry => entry.State == EntryState.Settled).ToListAsync(cancellationToken);

    /// <summary>Restores a user's lost row, or the unreadable address in it. Returns null if there is nothing to restore.</summary>
    /// <param name="row">The user's own row, or null.</param>
    /// <param name="copy">The user's row in the directory.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    private async Task<string?> RestoreAsync(TableEntity? row, DirectoryEntry copy, CancellationToken cancellationToken)
    {
        long userId = copy.User.Id;
        if (copy.State != EntryState.Settled)
        {
            return null;
        }

        if (row is null)
        {
            TableEntity lost = UserRows.ToEntity(copy.User with { Platform = platform });
            // Valid or not, so that an administrator sees the address.
            lost["Email"] = copy.Address;
            return await tables.Assignments.TryAddAsync(lost, cancellationToken) is not null
                ? $"Restored the row of user {userId} from the directory."
                : null;
        }

        User user = UserRows.FromEntity(platform, row);
        bool isUnreadable = user.Email is null && row.GetString("Email") is not null && copy.User.Email is not null;
        return isUnreadable
            && await tables.Assignments.TryReplaceAsync(
                UserRows.ToEntity(user with { Email = copy.User.Email }), row.ETag, cancellationToken) is not null
                ? $"Restored the e-mail address of user {userId} from the directory."
                : null;
    }

    /// <summary>Makes the directory's row of an address name the user whose own row has it.</summary>
    private async Task<string?> ReplaceNamedAsync(User user, EmailAddress email, DirectoryEntry entry, CancellationToken cancellationToken)
    {
        long otherId = entry.User.Id;
        TableEntity? row = await FindRowAsync(otherId, cancellationToken);
        if (row is not null && UserRows.FromEntity(platform, row).Email == email)
        {
            return Shared(user.Id, otherId);
        }

        // With another name the row is another user's last copy; otherwise only its id is wrong.
        if (row is null && entry.User.Username != user.Username
            && await RestoreAsync(row, entry, cancellationToken) is { } restored)
        {
            return $"{restored} {Shared(user.Id, otherId)}";
        }

        return await users.Directory.FreeAsync(platform, otherId, email, cancellationToken)
            && await users.Directory.SettleAsync(user, email, cancellationToken) ? Restored(user.Id) : null;
    }

    private async Task<string> SettleAsync(User user, EmailAddress email, CancellationToken cancellationToken) =>
        await users.Directory.SettleAsync(user, email, cancellationToken)
            ? $"Moved the directory's row of user {user.Id} to where its e-mail address is looked up."
            : Shared(user.Id, (await users.Directory.FindAsync(platform, email, cancellationToken))?.User.Id);

    private Task<TableEntity?> FindRowAsync(long userId, CancellationToken cancellationToken) =>
        tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.User(userId), cancellationToken);

    private static string Restored(long userId) => $"Restored the directory's row of user {userId}.";

    private static string Shared(long userId, long? otherId) =>
        $"Could not repair user {userId}: user {otherId} has the same address in the directory. Give one of them another.";
}

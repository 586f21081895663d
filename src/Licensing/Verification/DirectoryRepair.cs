using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>Repairs users' own rows and the directory's from each other; each write requires the ETag of what it was decided on.</summary>
internal sealed class DirectoryRepair(Tables tables, UserStore users, string platform)
{
    /// <summary>
    /// The user's own row is right where there is one. Where there is none, it is restored from the directory's, unless
    /// that is the remainder of a change that broke off.
    /// </summary>
    public async Task<string?> AgreeAsync(long userId, EmailAddress email, CancellationToken cancellationToken)
    {
        User? byId = await users.FindAsync(platform, userId, cancellationToken);
        DirectoryEntry? entry = await users.Directory.FindAsync(platform, email, cancellationToken);
        if (byId is null && entry is { State: EntryState.Settled } && entry.User.Id == userId)
        {
            return await tables.Assignments.TryAddAsync(UserRows.ToEntity(entry.User), cancellationToken)
                ? $"Restored the row of user {userId} from the directory."
                : null;
        }

        if (byId?.Email != email)
        {
            return await users.Directory.FreeAsync(platform, userId, email, cancellationToken)
                ? $"Removed a row of the directory that gave user {userId} an address that is not theirs."
                : null;
        }

        if (entry is not null && entry.User.Id != userId)
        {
            return await users.FindAsync(platform, entry.User.Id, cancellationToken) is { } other && other.Email == email
                ? Shared(userId, other.Id)
                : await users.Directory.FreeAsync(platform, entry.User.Id, email, cancellationToken)
                    && await users.Directory.SettleAsync(byId, email, cancellationToken) ? Restored(userId) : null;
        }

        return await users.Directory.SettleAsync(byId, email, cancellationToken) ? Restored(userId) : null;
    }

    /// <summary>Completes a change of a user that was interrupted after the user's own row was written.</summary>
    public async Task<string?> CompleteAsync(long userId, EmailAddress email, CancellationToken cancellationToken) =>
        await users.FindAsync(platform, userId, cancellationToken) is { } user && user.Email == email
        && await users.Directory.FindAsync(platform, email, cancellationToken) is { State: not EntryState.Settled }
        && await users.Directory.SettleAsync(user, email, cancellationToken)
            ? $"Completed the directory's row of user {userId}."
            : null;

    /// <summary>
    /// Moves a row of the directory to where its address is looked up. A row whose address is no longer valid is
    /// removed: nothing finds it.
    /// </summary>
    public async Task<string?> MoveAsync(DirectoryEntry entry, CancellationToken cancellationToken)
    {
        long userId = entry.User.Id;
        string done = $"Removed a row of the directory for user {userId} that nothing looks up.";
        if (entry.User.Email is { } email
            && await users.FindAsync(platform, userId, cancellationToken) is { } user && user.Email == email)
        {
            done = await users.Directory.SettleAsync(user, email, cancellationToken)
                ? $"Moved the directory's row of user {userId} to where its e-mail address is looked up."
                : Shared(userId, (await users.Directory.FindAsync(platform, email, cancellationToken))?.User.Id);
        }

        return await tables.Directory.TryDeleteAsync(entry.Key, TableKey.Escape(platform), entry.ETag, cancellationToken) ? done : null;
    }

    private static string Restored(long userId) => $"Restored the directory's row of user {userId}.";

    private static string Shared(long userId, long? otherId) =>
        $"Could not repair user {userId}: user {otherId} has the same address in the directory. Give one of them another.";
}

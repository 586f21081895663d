using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Users;

/// <summary>Maps e-mail addresses to users: one row for each address and platform, in table <c>Directory</c>.</summary>
/// <remarks>
/// A user's own row is in another table, so the two cannot be written in one transaction. The user that a settled row
/// names has this address in the own row. Before a change makes the two differ, it marks the directory's row; lookups
/// that find a mark read the user's own row. So an interrupted change never makes an address resolve to a wrong user.
/// </remarks>
internal sealed class UserDirectory(Tables tables, UserRows rows, UserFences fences)
{
    private const string State = "State";

    public async Task<DirectoryEntry?> FindAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        await tables.Directory.FindAsync(email.DirectoryKey, TableKey.Escape(platform), cancellationToken) is { } entity
            ? ToEntry(entity)
            : null;

    /// <inheritdoc cref="UserStore.FindAsync(string, EmailAddress, CancellationToken)"/>
    public async Task<User?> HolderAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        await FindAsync(platform, email, cancellationToken) is { } entry ? await HolderAsync(entry, email, cancellationToken) : null;

    /// <inheritdoc cref="UserStore.FindEverywhereAsync"/>
    public async Task<IReadOnlyList<User>> HoldersAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        string partition = email.DirectoryKey;
        List<DirectoryEntry> entries = await tables.Directory.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellationToken).OrNoneAsync().Select(ToEntry).ToListAsync(cancellationToken);
        User?[] holders = await Task.WhenAll(entries.Select(entry => HolderAsync(entry, email, cancellationToken)));
        return [.. holders.OfType<User>()];
    }

    /// <summary>The rows of a platform; a scan of the table with a server-side filter.</summary>
    public async IAsyncEnumerable<DirectoryEntry> OfPlatformAsync(
        string platform, long? userId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string row = TableKey.Escape(platform);
        string filter = userId is { } id
            ? TableClient.CreateQueryFilter($"RowKey eq {row} and UserId eq {id}")
            : TableClient.CreateQueryFilter($"RowKey eq {row}");
        await foreach (TableEntity entity in tables.Directory.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            yield return ToEntry(entity);
        }
    }

    /// <summary>
    /// Reserves an address for a user whose own row will have it. Returns null if another user has it. Takes over the
    /// reservation of an interrupted run.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="email">The address.</param>
    /// <param name="mayTakeId">Whether the user is new and may take this id, which an interrupted run had reserved with the address.</param>
    /// <param name="cancellationToken">Cancels the call; the address may have been reserved.</param>
    public async Task<Reservation?> ReserveAsync(
        User user, EmailAddress email, Func<long, bool> mayTakeId, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryAddAsync(ToEntity(user, email, EntryState.Entering), cancellationToken) is { } added)
            {
                return new Reservation(user, email, added);
            }

            if (await FindAsync(user.Platform, email, cancellationToken) is not { } entry)
            {
                continue;
            }

            User? named = await rows.FindAsync(user.Platform, entry.User.Id, cancellationToken);
            if (named?.Email == email)
            {
                await SettleAsync(named, email, cancellationToken);
                return null;
            }

            bool takesId = named is null && entry.State != EntryState.Leaving && mayTakeId(entry.User.Id);
            User owner = takesId ? user with { Id = entry.User.Id } : user;
            if (owner.Id != entry.User.Id && entry.State != EntryState.Entering)
            {
                await fences.PlaceAsync(user.Platform, entry.User.Id, cancellationToken);
            }

            if (await TryReplaceAsync(ToEntity(owner, email, EntryState.Entering), entry.ETag, cancellationToken) is { } taken)
            {
                return new Reservation(owner, email, taken);
            }
        }
    }

    /// <summary>Call this after writing the address to the user's own row. Returns false if another user has taken it meanwhile.</summary>
    public async Task<bool> SettleAsync(Reservation kept, CancellationToken cancellationToken) =>
        await TryReplaceAsync(ToEntity(kept.User, kept.Email, EntryState.Settled), kept.ETag, cancellationToken) is not null
        || await SettleAsync(kept.User, kept.Email, cancellationToken);

    /// <summary>Updates the row from the user's own row. Returns false if that has another address, or another user has this one.</summary>
    public async Task<bool> SettleAsync(User user, EmailAddress email, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindAsync(user.Platform, email, cancellationToken) is not { } entry)
            {
                await TryAddAsync(ToEntity(user, email, EntryState.Entering), cancellationToken);
                continue;
            }

            TableEntity? row = await rows.FindRowAsync(user.Platform, user.Id, cancellationToken);
            User? current = row is null ? null : UserRows.FromEntity(user.Platform, row);
            if (entry.User.Id != user.Id || current?.Email != email)
            {
                if (entry is { State: EntryState.Entering } && entry.User.Id == user.Id)
                {
                    await TryDeleteAsync(entry, cancellationToken);
                }

                return false;
            }

            if (entry is { State: EntryState.Settled } && entry.User == current && entry.User.Email?.Text == current.Email.Text)
            {
                return true;
            }

            // The change that set the mark is about to write the user's own row. A new ETag makes it fail.
            if ((entry.State != EntryState.Leaving || await rows.TryTouchAsync(row!, cancellationToken))
                && await TryReplaceAsync(ToEntity(current, current.Email, EntryState.Settled), entry.ETag, cancellationToken) is not null)
            {
                return true;
            }
        }
    }

    /// <summary>Completes an interrupted change of a user. Returns false if another user has the address.</summary>
    public async Task<bool> CompleteAsync(User user, CancellationToken cancellationToken) =>
        user.Email is not { } email || await SettleAsync(user, email, cancellationToken);

    /// <summary>Call this before removing the address from the user's own row.</summary>
    public async Task MarkLeavingAsync(string platform, long userId, EmailAddress email, CancellationToken cancellationToken)
    {
        while (await FindAsync(platform, email, cancellationToken) is { } entry && entry.User.Id == userId
            && await TryReplaceAsync(ToEntity(entry.User, entry.User.Email ?? email, EntryState.Leaving), entry.ETag, cancellationToken) is null)
        {
            // The row has changed: read it again.
        }
    }

    /// <summary>
    /// Releases an address that the user's own row no longer has, after making sure that no instance uses it for this user.
    /// Returns false if there was nothing to release.
    /// </summary>
    public async Task<bool> FreeAsync(string platform, long userId, EmailAddress email, CancellationToken cancellationToken)
    {
        while (await FindAsync(platform, email, cancellationToken) is { } entry && entry.User.Id == userId
            && (await rows.FindAsync(platform, userId, cancellationToken))?.Email != email)
        {
            if (entry.State == EntryState.Settled)
            {
                await MarkLeavingAsync(platform, userId, email, cancellationToken);
                continue;
            }

            if (entry.State == EntryState.Leaving)
            {
                await fences.PlaceAsync(platform, userId, cancellationToken);
            }

            if (await TryDeleteAsync(entry, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Removes all rows of a user without an own row, misplaced ones too. Reads the whole directory.</summary>
    public async Task FreeAllAsync(string platform, long userId, CancellationToken cancellationToken)
    {
        await foreach (DirectoryEntry entry in OfPlatformAsync(platform, userId, cancellationToken))
        {
            await (entry.IsInPlace
                ? FreeAsync(platform, userId, entry.User.Email!, cancellationToken)
                : TryDeleteAsync(entry, cancellationToken));
        }
    }

    /// <summary>Deletes the row. Returns false if it was changed or deleted since it was read.</summary>
    public Task<bool> TryDeleteAsync(DirectoryEntry entry, CancellationToken cancellationToken) =>
        TryDeleteAsync(entry.User.Platform, entry.Key, entry.ETag, cancellationToken);

    /// <summary>Cancels a reservation. Does nothing if another user has taken the address meanwhile.</summary>
    public Task<bool> WithdrawAsync(Reservation kept, CancellationToken cancellationToken) =>
        TryDeleteAsync(kept.User.Platform, kept.Email.DirectoryKey, kept.ETag, cancellationToken);

    internal static TableEntity ToEntity(User user, EmailAddress email, EntryState state = EntryState.Settled)
    {
        TableEntity entity = new(email.DirectoryKey, TableKey.Escape(user.Platform))
        {
            ["Platform"] = user.Platform,
            ["UserId"] = user.Id,
            ["Username"] = user.Username,
            ["Email"] = email.Text,
        };
        if (state != EntryState.Settled)
        {
            entity[State] = state.ToString();
        }

        return entity;
    }

    private static DirectoryEntry ToEntry(TableEntity entity) => new(
        new User(
            entity.GetString("Platform"),
            entity.GetInt64("UserId") ?? 0,
            entity.GetString("Username"),
            EmailAddress.TryParse(entity.GetString("Email"), out EmailAddress? email) ? email : null),
        entity.GetString("Email"),
        Enum.TryParse(entity.GetString(State), out EntryState state) ? state : EntryState.Settled,
        entity.PartitionKey,
        entity.ETag);

    private async Task<User?> HolderAsync(DirectoryEntry entry, EmailAddress email, CancellationToken cancellationToken) =>
        entry.State == EntryState.Settled ? entry.User
        : await rows.FindAsync(entry.User.Platform, entry.User.Id, cancellationToken) is { } user && user.Email == email ? user
        : null;

    private Task<ETag?> TryAddAsync(TableEntity entity, CancellationToken cancellationToken) =>
        tables.Directory.TryAddAsync(entity, cancellationToken);

    private Task<ETag?> TryReplaceAsync(TableEntity entity, ETag etag, CancellationToken cancellationToken) =>
        tables.Directory.TryReplaceAsync(entity, etag, cancellationToken);

    private Task<bool> TryDeleteAsync(string platform, string key, ETag etag, CancellationToken cancellationToken) =>
        tables.Directory.TryDeleteAsync(key, TableKey.Escape(platform), etag, cancellationToken);
}

using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Users;

/// <summary>Whose an e-mail address is: a row for each address and platform, in table <c>Directory</c>.</summary>
/// <remarks>
/// A user's own row is in another table, so the two cannot be written together. A settled row names a user whose own
/// row has this address. Whoever is about to make the two differ marks the row first, and whoever meets a mark asks
/// the user's own row. So a run that breaks off anywhere leaves no address that is answered as another user's.
/// </remarks>
internal sealed class UserDirectory(Tables tables, UserRows rows, UserFences fences)
{
    private const string State = "State";

    public async Task<DirectoryEntry?> FindAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        await tables.Directory.FindAsync(email.DirectoryKey, TableKey.Escape(platform), cancellationToken) is { } entity
            ? ToEntry(entity)
            : null;

    /// <summary>Who has this address; one storage call, two while it is being changed.</summary>
    public async Task<User?> HolderAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        await FindAsync(platform, email, cancellationToken) is { } entry ? await HolderAsync(entry, email, cancellationToken) : null;

    /// <summary>Who has this address, on all platforms; one storage call, two where it is being changed.</summary>
    public async Task<IReadOnlyList<User>> HoldersAsync(EmailAddress email, CancellationToken cancellationToken)
    {
        string partition = email.DirectoryKey;
        List<DirectoryEntry> entries = await tables.Directory.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellationToken).OrNoneAsync().Select(ToEntry).ToListAsync(cancellationToken);
        User?[] holders = await Task.WhenAll(entries.Select(entry => HolderAsync(entry, email, cancellationToken)));
        return [.. holders.OfType<User>()];
    }

    /// <summary>The rows of a platform: a scan of the table, which the server filters.</summary>
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
    /// Keeps an address for a user whose own row is about to have it; null when somebody has it already. What a run
    /// that broke off had kept is taken over.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="email">The address.</param>
    /// <param name="mayTakeId">Whether the user, who is new, may be given this id, which such a run had meant for it.</param>
    /// <param name="cancellationToken">Breaks off between two writes.</param>
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

    /// <summary>To be called once the user's own row has the address; false when the address has gone to another meanwhile.</summary>
    public async Task<bool> SettleAsync(Reservation kept, CancellationToken cancellationToken) =>
        await TryReplaceAsync(ToEntity(kept.User, kept.Email, EntryState.Settled), kept.ETag, cancellationToken) is not null
        || await SettleAsync(kept.User, kept.Email, cancellationToken);

    /// <summary>Makes the row say what the user's own row says; false when that has another address, or the address is another's.</summary>
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
                    await TryDeleteAsync(entry, email, cancellationToken);
                }

                return false;
            }

            if (entry is { State: EntryState.Settled } && entry.User == current && entry.User.Email?.Text == current.Email.Text)
            {
                return true;
            }

            // Whoever marked it is about to change the user's own row as it was: that must fail now.
            if ((entry.State != EntryState.Leaving || await rows.TryTouchAsync(row!, cancellationToken))
                && await TryReplaceAsync(ToEntity(current, current.Email, EntryState.Settled), entry.ETag, cancellationToken) is not null)
            {
                return true;
            }
        }
    }

    /// <summary>Completes what a run that broke off has left of a user; false when the address is another's.</summary>
    public async Task<bool> CompleteAsync(User user, CancellationToken cancellationToken) =>
        user.Email is not { } email || await SettleAsync(user, email, cancellationToken);

    /// <summary>To be called before the user's own row loses the address.</summary>
    public async Task MarkLeavingAsync(string platform, long userId, EmailAddress email, CancellationToken cancellationToken)
    {
        while (await FindAsync(platform, email, cancellationToken) is { } entry && entry.User.Id == userId
            && await TryReplaceAsync(ToEntity(entry.User, entry.User.Email ?? email, EntryState.Leaving), entry.ETag, cancellationToken) is null)
        {
            // Changed meanwhile: look again.
        }
    }

    /// <summary>
    /// Gives an address free that the user's own row does not have, once no instance takes it for this user any more.
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

            if (await TryDeleteAsync(entry, email, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives back what was kept; nothing happens when it has gone to another meanwhile.</summary>
    public Task<bool> WithdrawAsync(Reservation kept, CancellationToken cancellationToken) =>
        TryDeleteAsync(new DirectoryEntry(kept.User, EntryState.Entering, kept.Email.DirectoryKey, kept.ETag), kept.Email, cancellationToken);

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

    private Task<bool> TryDeleteAsync(DirectoryEntry entry, EmailAddress email, CancellationToken cancellationToken) =>
        tables.Directory.TryDeleteAsync(email.DirectoryKey, TableKey.Escape(entry.User.Platform), entry.ETag, cancellationToken);
}

/// <summary>A row of the directory.</summary>
/// <param name="User">Whose address it is.</param>
/// <param name="State">How far that can be trusted.</param>
/// <param name="Key">What the address was hashed to when the row was written.</param>
/// <param name="ETag">Of the row as it was read.</param>
internal sealed record DirectoryEntry(User User, EntryState State, string Key, ETag ETag);

/// <summary>How far a row of the directory can be trusted, see <see cref="UserDirectory"/>.</summary>
internal enum EntryState
{
    /// <summary>The user's own row has this address.</summary>
    Settled,

    /// <summary>The user's own row is about to have it.</summary>
    Entering,

    /// <summary>The user's own row is about to lose it, or has; instances may still take the address for this user.</summary>
    Leaving,
}

/// <summary>An address kept for a user, see <see cref="UserDirectory.ReserveAsync"/>.</summary>
internal sealed record Reservation(User User, EmailAddress Email, ETag ETag);

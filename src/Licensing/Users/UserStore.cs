using Licensing.Storage;

namespace Licensing.Users;

/// <summary>
/// Users: one row by id in their platform's partition of table <c>Assignments</c>, and for those with an address one
/// row in its partition of table <c>Directory</c>. Both hold the whole user, so that either look-up is one call.
/// </summary>
public sealed class UserStore
{
    private const int CachedUsers = 20_000;

    private readonly UserRows _rows;
    private readonly UserAdditions _additions;
    private readonly UserChanges _changes;
    private readonly BoundedCache<(string Platform, long Id), User> _byId;
    private readonly BoundedCache<(string Platform, string Email), User> _byEmail;

    internal UserStore(
        UserRows rows, UserDirectory directory, UserFences fences, UserAdditions additions, UserChanges changes, TimeProvider time)
    {
        (_rows, _additions, _changes) = (rows, additions, changes);
        (Directory, Fences) = (directory, fences);
        _byId = new(CachedUsers, CacheLifetimes.Found, CacheLifetimes.Missing, time);
        _byEmail = new(CachedUsers, CacheLifetimes.Found, CacheLifetimes.Missing, time);
    }

    internal UserDirectory Directory { get; }

    internal UserFences Fences { get; }

    /// <summary>The user as it was at most a minute ago, or null; a storage call only when it is not remembered.</summary>
    public Task<User?> GetAsync(string platform, long id, CancellationToken cancellationToken) =>
        _byId.GetAsync((platform, id), (Rows: _rows, platform, id), static (user, read) => user.Rows.FindAsync(user.platform, user.id, read), cancellationToken);

    /// <inheritdoc cref="GetAsync(string, long, CancellationToken)"/>
    public async Task<User?> GetAsync(string platform, EmailAddress email, CancellationToken cancellationToken)
    {
        User? user = await _byEmail.GetAsync(
            (platform, email.Normalized), (Directory, platform, email), static (user, read) => user.Directory.HolderAsync(user.platform, user.email, read), cancellationToken);
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

    /// <summary>The user as storage has it now, or null; one storage call.</summary>
    public Task<User?> FindAsync(string platform, long id, CancellationToken cancellationToken) =>
        _rows.FindAsync(platform, id, cancellationToken);

    /// <summary>Who has this address now, or null; one storage call, two while it is being changed.</summary>
    public Task<User?> FindAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        Directory.HolderAsync(platform, email, cancellationToken);

    /// <summary>Who has this address now, on all platforms; one storage call, two where it is being changed.</summary>
    public Task<IReadOnlyList<User>> FindEverywhereAsync(EmailAddress email, CancellationToken cancellationToken) =>
        Directory.HoldersAsync(email, cancellationToken);

    /// <summary>All users of a platform, by id; one storage call for each 1,000 of them.</summary>
    public IAsyncEnumerable<User> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        _rows.OfPlatformAsync(platform, cancellationToken);

    /// <summary>Adds a user. After a run that broke off, the same call made again completes it.</summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="id">The user's id, or null for the next of the sequence.</param>
    /// <param name="username">The user's name on the platform; not compared with others.</param>
    /// <param name="email">The user's address, or null; no two users of a platform have the same.</param>
    /// <param name="cancellationToken">Breaks off between two writes.</param>
    public Task<AddUserOutcome> AddAsync(
        string platform, long? id, string username, EmailAddress? email, CancellationToken cancellationToken) =>
        _additions.AddAsync(platform, id, username, email, cancellationToken);

    /// <inheritdoc cref="AddGroupAsync(string, IReadOnlyList{NewUser}, IReadOnlySet{long}, CancellationToken)"/>
    public Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, CancellationToken cancellationToken) =>
        AddGroupAsync(platform, users, users.Where(user => user.Id is not null).Select(user => user.Id!.Value).ToHashSet(), cancellationToken);

    /// <summary>
    /// Adds users as <see cref="AddAsync"/> does, their rows by id in one entity group transaction. After a run that
    /// broke off, the same call made again completes it.
    /// </summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="users">At most 100, no two with the same id or address.</param>
    /// <param name="named">Ids that users of this group, or of others that belong to it, are to have; no other user is given one.</param>
    /// <param name="cancellationToken">Breaks off between two writes.</param>
    /// <returns>How each ended, in the same order.</returns>
    public Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, IReadOnlySet<long> named, CancellationToken cancellationToken) =>
        _additions.AddGroupAsync(platform, users, named, cancellationToken);

    /// <summary>Changes a user's name and address. After a run that broke off, the same call made again completes it.</summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="id">The user's id.</param>
    /// <param name="change">From the user as it is to how it shall be; the id stays. Called again when the user has changed meanwhile.</param>
    /// <param name="cancellationToken">Breaks off between two writes.</param>
    public Task<UpdateUserOutcome> UpdateAsync(
        string platform, long id, Func<User, User> change, CancellationToken cancellationToken) =>
        _changes.UpdateAsync(platform, id, change, cancellationToken);

    /// <summary>Removes a user; its assignments have to be gone. Its address is free once no instance takes it for this user.</summary>
    public Task RemoveAsync(User user, CancellationToken cancellationToken) => _changes.RemoveAsync(user, cancellationToken);
}

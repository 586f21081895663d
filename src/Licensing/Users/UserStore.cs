using Licensing.Storage;

namespace Licensing.Users;

/// <summary>
/// Users. Each has a row in the platform's partition of table <c>Assignments</c>, and, with an e-mail address, a row in the
/// address's partition of table <c>Directory</c>. Both contain the whole user, so that either lookup is one storage call.
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

    /// <summary>Returns the user as it was at most a minute ago, or null. Makes storage calls only if it is not cached.</summary>
    internal Task<User?> GetAsync(string platform, long id, CancellationToken cancellationToken) =>
        _byId.GetAsync((platform, id), (Rows: _rows, platform, id), static (user, cancellationToken) => user.Rows.FindAsync(user.platform, user.id, cancellationToken), cancellationToken);

    /// <inheritdoc cref="GetAsync(string, long, CancellationToken)"/>
    internal async Task<User?> GetAsync(string platform, EmailAddress email, CancellationToken cancellationToken)
    {
        User? user = await _byEmail.GetAsync(
            (platform, email.Normalized), (Directory, platform, email), static (user, cancellationToken) => user.Directory.HolderAsync(user.platform, user.email, cancellationToken), cancellationToken);
        // The entry cached under the user's id may be newer.
        return user is not null && _byId.Peek((platform, user.Id)) is { } byId && byId.Email != email
            ? await GetAnewAsync(platform, email, cancellationToken)
            : user;
    }

    /// <summary>Reads the user from storage and caches it.</summary>
    internal Task<User?> GetAnewAsync(string platform, long id, CancellationToken cancellationToken) =>
        _byId.GetAnewAsync((platform, id), cancellationToken => FindAsync(platform, id, cancellationToken), cancellationToken);

    /// <inheritdoc cref="GetAnewAsync(string, long, CancellationToken)"/>
    internal Task<User?> GetAnewAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        _byEmail.GetAnewAsync((platform, email.Normalized), cancellationToken => FindAsync(platform, email, cancellationToken), cancellationToken);

    /// <summary>Reads a user from storage, or returns null if it does not exist; one storage call.</summary>
    public Task<User?> FindAsync(string platform, long id, CancellationToken cancellationToken) =>
        _rows.FindAsync(platform, id, cancellationToken);

    /// <summary>Reads the user with this address, or returns null; one storage call, two while the address is being changed.</summary>
    public Task<User?> FindAsync(string platform, EmailAddress email, CancellationToken cancellationToken) =>
        Directory.HolderAsync(platform, email, cancellationToken);

    /// <summary>
    /// Reads the users with this address on all platforms; one storage call, plus one for each whose address is being changed.
    /// </summary>
    internal Task<IReadOnlyList<User>> FindEverywhereAsync(EmailAddress email, CancellationToken cancellationToken) =>
        Directory.HoldersAsync(email, cancellationToken);

    /// <summary>All users of a platform, ordered by id; one storage call per 1,000.</summary>
    public IAsyncEnumerable<User> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        _rows.OfPlatformAsync(platform, cancellationToken);

    /// <summary>Adds a user. Repeating the call completes an interrupted one.</summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="id">The user's id, or null for the next id of the sequence.</param>
    /// <param name="username">The user's name on the platform; need not be unique.</param>
    /// <param name="email">The user's e-mail address, unique in the platform, or null.</param>
    /// <param name="cancellationToken">Interrupts the call.</param>
    public Task<AddUserOutcome> AddAsync(
        string platform, long? id, string username, EmailAddress? email, CancellationToken cancellationToken) =>
        _additions.AddAsync(platform, id, username, email, cancellationToken);

    /// <inheritdoc cref="AddGroupAsync(string, IReadOnlyList{NewUser}, IReadOnlySet{long}, CancellationToken)"/>
    public Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, CancellationToken cancellationToken) =>
        AddGroupAsync(platform, users, users.Where(user => user.Id is not null).Select(user => user.Id!.Value).ToHashSet(), cancellationToken);

    /// <summary>
    /// Adds users like <see cref="AddAsync"/>, with their own rows in one entity group transaction. Repeating the call
    /// completes an interrupted one.
    /// </summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="users">At most 100 users, no two with the same id or address.</param>
    /// <param name="named">Ids that this group or related groups ask for; no other user gets one of them.</param>
    /// <param name="cancellationToken">Interrupts the call.</param>
    /// <returns>The result for each user, in the same order.</returns>
    public Task<IReadOnlyList<AddUserOutcome>> AddGroupAsync(
        string platform, IReadOnlyList<NewUser> users, IReadOnlySet<long> named, CancellationToken cancellationToken) =>
        _additions.AddGroupAsync(platform, users, named, cancellationToken);

    /// <summary>Changes a user's name and address. Repeating the call completes an interrupted one.</summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="id">The user's id.</param>
    /// <param name="change">Returns the changed user, with the same id. Called again with the current user after a conflict.</param>
    /// <param name="cancellationToken">Interrupts the call.</param>
    public Task<UpdateUserOutcome> UpdateAsync(
        string platform, long id, Func<User, User> change, CancellationToken cancellationToken) =>
        _changes.UpdateAsync(platform, id, change, cancellationToken);

    /// <summary>
    /// Removes a user without assignments, and releases the address. Makes sure first that no instance uses the address for
    /// this user any more.
    /// </summary>
    public Task RemoveAsync(User user, CancellationToken cancellationToken) => _changes.RemoveAsync(user, cancellationToken);
}

using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Arguments;

/// <summary>Names a user by id or by e-mail address; the other is null.</summary>
internal sealed record UserReference(long? Id, EmailAddress? Email)
{
    /// <summary>Returns the id as passed, even if no such user exists, or the id of the user with the address, or null.</summary>
    public async Task<long?> FindIdAsync(UserStore users, Platform platform, CancellationToken cancellationToken) =>
        Id ?? (await users.FindAsync(platform.Key, Email!, cancellationToken))?.Id;
}

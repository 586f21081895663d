using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Arguments;

/// <summary>Names a user by id or by e-mail address; the other is null.</summary>
internal sealed record UserReference(long? Id, EmailAddress? Email)
{
    /// <summary>The id given, whether or not such a user exists, or the id of the user with this address.</summary>
    public async Task<long?> FindIdAsync(UserStore users, Platform platform, CancellationToken cancellationToken) =>
        Id ?? (await users.FindAsync(platform.Key, Email!, cancellationToken))?.Id;
}

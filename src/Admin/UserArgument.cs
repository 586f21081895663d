using System.CommandLine;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin;

/// <summary>The user a verb is about, by id or e-mail address.</summary>
internal sealed class UserArgument : Argument<UserName>
{
    public UserArgument()
        : base("user")
    {
        Description = "The user's id or e-mail address.";
        CustomParser = Input.UserName!;
    }

    /// <summary>The id given, whether there is such a user or not, or that of the user with the address given.</summary>
    public static async Task<long?> FindIdAsync(UserStore users, Platform platform, UserName name, CancellationToken cancellationToken) =>
        name.Id ?? (await users.FindAsync(platform.Key, name.Email!, cancellationToken))?.Id;

    public static Outcome NotFound(Platform platform) =>
        new Outcome.Refused($"Platform {platform.Key} has no such user: check the id or e-mail address, or add the user with 'user add'.");
}

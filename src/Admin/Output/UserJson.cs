using Licensing.Users;

namespace Admin.Output;

internal sealed record UserJson(long Id, string PlatformKey, string Username, string? Email)
{
    public static UserJson Of(User user) => new(user.Id, user.Platform, user.Username, user.Email?.Text);
}

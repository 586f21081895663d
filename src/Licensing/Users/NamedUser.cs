namespace Licensing.Users;

/// <summary>The users that a request names.</summary>
/// <param name="ById">The user with the id in the request; null if it has no id, or no user has it.</param>
/// <param name="ByEmail">The user with the address in the request; null if it has no address, or no user has it.</param>
internal sealed record NamedUser(User? ById, User? ByEmail)
{
    public User User => (ById ?? ByEmail)!;
}

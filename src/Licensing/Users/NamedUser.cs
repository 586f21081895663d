namespace Licensing.Users;

/// <summary>Whom a request names.</summary>
/// <param name="ById">The user of the id; null when it names no id, or there is none.</param>
/// <param name="ByEmail">The user of the address, likewise.</param>
internal sealed record NamedUser(User? ById, User? ByEmail)
{
    public User User => (ById ?? ByEmail)!;
}

namespace Licensing.Users;

/// <summary>A user to be added.</summary>
/// <param name="Id">Null for the next free one.</param>
/// <param name="Username">The user's name on the platform; not compared with others.</param>
/// <param name="Email">Null for none; no two users of a platform have the same.</param>
public sealed record NewUser(long? Id, string Username, EmailAddress? Email);

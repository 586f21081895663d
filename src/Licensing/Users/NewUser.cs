namespace Licensing.Users;

/// <summary>A user to add.</summary>
/// <param name="Id">The user's id, or null for the next id of the sequence.</param>
/// <param name="Username">The user's name on the platform; need not be unique.</param>
/// <param name="Email">The user's e-mail address, unique in the platform, or null.</param>
public sealed record NewUser(long? Id, string Username, EmailAddress? Email);

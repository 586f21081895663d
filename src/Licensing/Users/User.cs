namespace Licensing.Users;

/// <summary>A user of a platform.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Id">From 1, unique in the platform, never reused.</param>
/// <param name="Username">The user's name on the platform; need not be unique.</param>
/// <param name="Email">The user's e-mail address, unique in the platform, or null.</param>
public sealed record User(string Platform, long Id, string Username, EmailAddress? Email);

namespace Licensing.Users;

/// <summary>A user of a platform; <paramref name="Email"/> is null when only its id is known.</summary>
public sealed record User(string Platform, long Id, string Username, EmailAddress? Email);

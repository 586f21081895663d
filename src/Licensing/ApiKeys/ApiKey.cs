namespace Licensing.ApiKeys;

/// <summary>What is stored of a platform's API key; the secret is not.</summary>
/// <param name="Id">The part of the key that is no secret: 16 hex digits.</param>
/// <param name="Platform">The key of the platform that it opens.</param>
/// <param name="Org">The platform's organisation when the key was made.</param>
/// <param name="Name">The administrator's name for it, or null.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From when on it is rejected, or null.</param>
/// <param name="Revoked">When it was revoked, or null.</param>
/// <param name="LastUsed">To the hour; behind by a minute or so. Null until it was used.</param>
/// <param name="SecretHash">See <see cref="ApiKeySecret.Hash"/>.</param>
public sealed record ApiKey(
    string Id,
    string Platform,
    string? Org,
    string? Name,
    DateTimeOffset Created,
    DateTimeOffset? Expires,
    DateTimeOffset? Revoked,
    DateTimeOffset? LastUsed,
    ReadOnlyMemory<byte> SecretHash)
{
    /// <summary>Whether it is neither revoked nor expired at <paramref name="now"/>.</summary>
    public bool IsValid(DateTimeOffset now) => Revoked is null && !(now >= Expires);
}

namespace Licensing.ApiKeys;

/// <summary>What is stored of a platform's API key; the secret is not.</summary>
/// <param name="Org">The platform's organisation when the key was made.</param>
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
    public bool IsValid(DateTimeOffset now) => Revoked is null && !(now >= Expires);
}

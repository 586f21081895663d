namespace Licensing.ApiKeys;

/// <summary>A platform's API key as stored, without its secret.</summary>
/// <param name="Org">The organisation of the platform when the key was created.</param>
/// <param name="LastUsed">Rounded down to the hour and written about a minute late; null if never used.</param>
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

namespace Licensing.ApiKeys;

/// <summary>A platform's API key as stored, without its secret.</summary>
/// <param name="Id">The public part of the key: 16 hexadecimal digits.</param>
/// <param name="Platform">The key of the platform that it belongs to.</param>
/// <param name="Org">The platform's organization, or null; <see cref="ApiKeyStore.SetOrgAsync"/> keeps it current.</param>
/// <param name="Name">A label for administrators, or null.</param>
/// <param name="Created">When the key was created.</param>
/// <param name="Expires">The key is rejected from this time on; null for never.</param>
/// <param name="Revoked">When the key was revoked, or null.</param>
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
    /// <summary>Whether the key is neither revoked nor expired at <paramref name="now"/>.</summary>
    internal bool IsValid(DateTimeOffset now) => Revoked is null && !(now >= Expires);
}

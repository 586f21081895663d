using Licensing.ApiKeys;

namespace Admin.Output;

internal sealed record ApiKeyJson(
    string KeyId,
    string PlatformKey,
    string? Name,
    DateTimeOffset Created,
    DateTimeOffset? Expires,
    DateTimeOffset? Revoked,
    DateTimeOffset? LastUsed)
{
    public static ApiKeyJson Of(ApiKey key) =>
        new(key.Id, key.Platform, key.Name, key.Created, key.Expires, key.Revoked, key.LastUsed);

    public string State(DateTimeOffset now) => Revoked is not null ? "revoked" : now >= Expires ? "expired" : "valid";
}

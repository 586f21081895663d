namespace Admin.Output;

/// <param name="Key">The whole key, which is not stored anywhere.</param>
/// <param name="Platform">The same as <paramref name="PlatformKey"/>; kept for compatibility.</param>
/// <param name="Org">The same as <paramref name="PlatformOrg"/>; kept for compatibility.</param>
internal sealed record NewApiKeyJson(
    string Key, string KeyId, string Platform, string? Org, string? Name, DateTimeOffset? Expires, string PlatformKey, string? PlatformOrg);

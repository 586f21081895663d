namespace Licensing.Platforms;

/// <summary>A customer's learning platform. It owns users, licenses, assignments and API keys.</summary>
/// <param name="Key">Its name in the API (<c>platform_key</c>), case-sensitive.</param>
/// <param name="Org">Its organization (<c>platform_org</c>), or null.</param>
/// <param name="Suspended">When true, requests with its API keys are rejected with 403.</param>
public sealed record Platform(string Key, string? Org, bool Suspended)
{
    /// <summary>Maximum length of a platform key in UTF-8 bytes; escaped, it must fit into a table key of 512 characters.</summary>
    public const int MaxKeyBytes = 128;
}

namespace Licensing.Platforms;

/// <summary>A customer's learning platform: owns users, licenses, assignments and API keys.</summary>
/// <param name="Key">Its name in the API (<c>platform_key</c>), compared by character.</param>
/// <param name="Org">Its organisation (<c>platform_org</c>), or null.</param>
/// <param name="Suspended">When true, its API keys are answered 403.</param>
public sealed record Platform(string Key, string? Org, bool Suspended)
{
    /// <summary>Longest platform key, in UTF-8 bytes: escaped it must fit a table key of 512 characters.</summary>
    public const int MaxKeyBytes = 128;
}

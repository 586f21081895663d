using Licensing.Platforms;

namespace Admin.Output;

internal sealed record PlatformJson(string PlatformKey, string? PlatformOrg, bool Suspended)
{
    public static PlatformJson Of(Platform platform) => new(platform.Key, platform.Org, platform.Suspended);
}

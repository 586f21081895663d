using System.Text.Json.Serialization;
using Licensing.Licenses;

namespace Admin.Output;

internal sealed record LicenseJson(
    long Id,
    string PlatformKey,
    string Name,
    long? Seats,
    long SeatsUsed,
    bool Active,
    DateTimeOffset? Starts,
    DateTimeOffset? Expires,
    string? RedirectTo)
{
    public static LicenseJson Of(License license) => new(
        license.Id,
        license.Platform,
        license.Name,
        license.Seats,
        license.SeatsUsed,
        license.Active,
        license.Starts,
        license.Expires,
        license.RedirectTo?.OriginalString);

    /// <summary>Free seats, or null if seats are unlimited.</summary>
    [JsonIgnore]
    public long? Free => Seats is { } seats ? Math.Max(0, seats - SeatsUsed) : null;
}

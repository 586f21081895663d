namespace Licensing.Licenses;

/// <summary>The part of a license that administrators set; see <see cref="License"/>.</summary>
/// <param name="Seats">Null for unlimited.</param>
public sealed record LicenseTerms(
    string Name, long? Seats, bool Active, DateTimeOffset? Starts, DateTimeOffset? Expires, string? RedirectTo)
{
    internal static LicenseTerms Of(LicenseRow license) => new(
        license.Name, license.Seats, license.Active, license.Starts, license.Expires, license.RedirectTo?.OriginalString);
}

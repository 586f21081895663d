namespace Licensing.Licenses;

/// <summary>A history record: an administrator's change of a license, written in the same transaction as the change.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="LicenseId">The license, which may have been removed since.</param>
/// <param name="Version">The version of the license after the change; (LicenseId, Version) is the key of the record.</param>
/// <param name="Before">Null if the change created the license.</param>
/// <param name="After">Null if the change removed it.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="By">Who made the change; starts with <c>admin</c>.</param>
public sealed record LicenseChange(
    string Platform, long LicenseId, long Version, LicenseTerms? Before, LicenseTerms? After, DateTimeOffset At, string By);

/// <summary>The part of a license that administrators set; see <see cref="License"/>.</summary>
/// <param name="Seats">Null for unlimited.</param>
public sealed record LicenseTerms(
    string Name, long? Seats, bool Active, DateTimeOffset? Starts, DateTimeOffset? Expires, string? RedirectTo)
{
    internal static LicenseTerms Of(LicenseRow license) => new(
        license.Name, license.Seats, license.Active, license.Starts, license.Expires, license.RedirectTo?.OriginalString);
}

/// <summary>The person who changes licenses with this process, for the history.</summary>
/// <param name="Name">Starts with <c>admin</c>.</param>
public sealed record Administrator(string Name);

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

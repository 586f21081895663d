namespace Licensing.Licenses;

/// <summary>One record of a license's history, written in the transaction that made the change.</summary>
/// <param name="Version">The version of the license row that the change made; (LicenseId, Version) identifies the record.</param>
/// <param name="Before">Null when the change created the license.</param>
/// <param name="After">Null when the change removed it.</param>
/// <param name="At">In UTC.</param>
/// <param name="By">Who made the change; begins with <c>admin</c>.</param>
public sealed record LicenseChange(
    string Platform, long LicenseId, long Version, LicenseTerms? Before, LicenseTerms? After, DateTimeOffset At, string By);

/// <summary>What an administrator sets of a license.</summary>
/// <param name="Seats">Null for unlimited.</param>
public sealed record LicenseTerms(
    string Name, long? Seats, bool Active, DateTimeOffset? Starts, DateTimeOffset? Expires, string? RedirectTo)
{
    /// <summary>The terms of a license as it is.</summary>
    public static LicenseTerms Of(License license) => new(
        license.Name, license.Seats, license.Active, license.Starts, license.Expires, license.RedirectTo?.OriginalString);
}

/// <summary>Who changes licenses in this process, for the records of their changes.</summary>
/// <param name="Name">Begins with <c>admin</c>.</param>
public sealed record Administrator(string Name);

using System.Globalization;
using Azure;

namespace Licensing.Licenses;

/// <summary>
/// Free seats of a license that an instance has set aside in a row of its own, so that it does not compete with other
/// instances for the license row. Any instance may use them, but normally only the owner does.
/// </summary>
/// <param name="Name">The license version that created it and the name of the instance; unique forever.</param>
/// <param name="Free">Seats that can be taken from it.</param>
/// <param name="Version">Increased by each transaction that moves seats in this row.</param>
/// <param name="ETag">The row's ETag.</param>
/// <param name="Written">When the row was last written.</param>
internal sealed record Allotment(string Name, long Free, long Version, ETag ETag, DateTimeOffset Written)
{
    /// <summary>Maximum allotments of a license, because an administrator's change writes all of them in one transaction.</summary>
    public const int Most = 64;

    public static string NameFor(long licenseVersion, string instance) => $"{licenseVersion}-{instance}";

    /// <summary>Returns the version of the license row after the transaction that created the allotment.</summary>
    public static long LicenseVersionIn(string name) =>
        long.TryParse(name.Split('-')[0], CultureInfo.InvariantCulture, out long version) ? version : long.MaxValue;
}

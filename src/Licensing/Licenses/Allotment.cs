using System.Globalization;
using Azure;

namespace Licensing.Licenses;

/// <summary>
/// Free seats of a license that an instance has set aside in a row of its own, so that it need not race other instances
/// for the license row. Any instance may write to it; in ordinary operation only the one that took it does.
/// </summary>
/// <param name="Name">The license's version that took it and the instance: never used twice.</param>
/// <param name="Version">Counts the transactions that moved seats in this row.</param>
/// <param name="Written">When storage last wrote the row.</param>
internal sealed record Allotment(string Name, long Free, long Version, ETag ETag, DateTimeOffset Written)
{
    /// <summary>Allotments a license may have: an administrator's change writes to all of them in one transaction.</summary>
    public const int Most = 64;

    public static string NameFor(long licenseVersion, string instance) => $"{licenseVersion}-{instance}";

    /// <summary>The version of the license row that the transaction made in which the allotment of this name was taken.</summary>
    public static long LicenseVersionIn(string name) =>
        long.TryParse(name.Split('-')[0], CultureInfo.InvariantCulture, out long version) ? version : long.MaxValue;
}

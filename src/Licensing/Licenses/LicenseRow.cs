namespace Licensing.Licenses;

/// <summary>A license as its row has it. The row counts seats; what is set aside in allotments counts as used here.</summary>
/// <param name="SeatsUsed">Active assignments, and what is free in all allotments.</param>
/// <param name="Allotments">Allotments that exist.</param>
/// <param name="Version">Counts the changes of this row, seat by seat transaction and by administration.</param>
/// <param name="RepairVersion">The version that the last repair of <paramref name="SeatsUsed"/> made, or 0.</param>
internal sealed record LicenseRow(
    string Platform,
    long Id,
    string Name,
    long? Seats,
    bool Active,
    DateTimeOffset? Starts,
    DateTimeOffset? Expires,
    Uri? RedirectTo,
    long SeatsUsed,
    int Allotments,
    long Version,
    long RepairVersion = 0)
{
    /// <summary>Stands for the seats of an unlimited license, which so can set some aside like any other.</summary>
    public const long Unlimited = long.MaxValue / 2;

    /// <summary>Seats that are neither used nor set aside; negative when an administrator left fewer than there were.</summary>
    public long Free => (Seats ?? Unlimited) - SeatsUsed;

    /// <summary>Whether allotments may hold seats that the license does not have any more.</summary>
    public bool IsOverdrawn => Free < 0;

    /// <summary>Whether its active assignments count at <paramref name="now"/>: active, started, not expired.</summary>
    public bool IsValid(DateTimeOffset now) => WithFree(0).IsValid(now);

    /// <summary>Whether only seats have moved between the two.</summary>
    public bool HasTermsOf(LicenseRow other) =>
        this with { SeatsUsed = other.SeatsUsed, Allotments = other.Allotments, Version = other.Version } == other;

    /// <summary>The license as people see it.</summary>
    /// <param name="setAside">What is free in all allotments.</param>
    public License Counted(long setAside) =>
        new(Platform, Id, Name, Seats, Active, Starts, Expires, RedirectTo, SeatsUsed - setAside, Version);

    /// <summary>The license as a decision sees it that may give so many seats.</summary>
    public License WithFree(long free)
    {
        long seats = Seats ?? Unlimited;
        return new License(Platform, Id, Name, seats, Active, Starts, Expires, RedirectTo, seats - free, Version);
    }
}

namespace Licensing.Licenses;

/// <summary>The row of a license. Here, seats that are set aside in allotments count as used.</summary>
/// <param name="SeatsUsed">Active assignments plus the free seats of all allotments.</param>
/// <param name="Allotments">The number of allotments.</param>
/// <param name="Version">1 on creation, increased by each change of the row.</param>
/// <param name="RepairVersion">The version written by the last repair of <paramref name="SeatsUsed"/>, or 0.</param>
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
    /// <summary>The number of seats that an unlimited license calculates with.</summary>
    public const long Unlimited = long.MaxValue / 2;

    /// <summary>Seats that are neither used nor set aside. Negative if an administrator lowered the number of seats below that.</summary>
    public long Free => (Seats ?? Unlimited) - SeatsUsed;

    /// <summary>Whether allotments may hold seats that the license no longer has.</summary>
    public bool IsOverdrawn => Free < 0;

    /// <inheritdoc cref="License.IsValid"/>
    public bool IsValid(DateTimeOffset now) => WithFree(0).IsValid(now);

    /// <summary>Whether the two differ at most in seats, allotments and version.</summary>
    public bool HasTermsOf(LicenseRow other) =>
        this with { SeatsUsed = other.SeatsUsed, Allotments = other.Allotments, Version = other.Version } == other;

    /// <summary>The license with its seats used.</summary>
    /// <param name="setAside">Free seats of all allotments.</param>
    public License Counted(long setAside) =>
        new(Platform, Id, Name, Seats, Active, Starts, Expires, RedirectTo, SeatsUsed - setAside, Version);

    /// <summary>The license for a decision that may take at most <paramref name="free"/> seats.</summary>
    public License WithFree(long free)
    {
        long seats = Seats ?? Unlimited;
        return new License(Platform, Id, Name, seats, Active, Starts, Expires, RedirectTo, seats - free, Version);
    }
}

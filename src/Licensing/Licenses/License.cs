namespace Licensing.Licenses;

/// <summary>A license of a platform, with the number of its seats and of those used.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Id">From 1, unique in the platform, never reused.</param>
/// <param name="Name">The name that clients see.</param>
/// <param name="Seats">The number of seats, or null for unlimited.</param>
/// <param name="Active">When false, assignments are kept but do not count in checks, and no seat can be taken.</param>
/// <param name="Starts">Seats can be taken from this time on, inclusive; null for no limit.</param>
/// <param name="Expires">Seats can be taken until this time, exclusive; null for no limit.</param>
/// <param name="RedirectTo">The absolute URL that clients send the user to, or null.</param>
/// <param name="SeatsUsed">Active assignments of the license. Seats set aside in allotments are not used.</param>
/// <param name="Version">1 on creation, increased by each change of the license's row.</param>
public sealed record License(
    string Platform,
    long Id,
    string Name,
    long? Seats,
    bool Active,
    DateTimeOffset? Starts,
    DateTimeOffset? Expires,
    Uri? RedirectTo,
    long SeatsUsed,
    long Version)
{
    /// <summary>Returns why no seat can be taken at <paramref name="now"/>, or null if one can.</summary>
    public Refusal? RefusesSeat(DateTimeOffset now) =>
        !Active ? Refusal.LicenseInactive
        : now < Starts ? Refusal.LicenseNotStarted
        : now >= Expires ? Refusal.LicenseExpired
        : SeatsUsed >= Seats ? Refusal.SeatsExhausted
        : null;

    /// <summary>Whether active assignments count in checks: the license is active, started and not expired at <paramref name="now"/>.</summary>
    internal bool IsValid(DateTimeOffset now) => RefusesSeat(now) is null or Refusal.SeatsExhausted;
}

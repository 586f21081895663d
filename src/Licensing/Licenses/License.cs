namespace Licensing.Licenses;

/// <summary>A license of a platform as people see it: how many seats it has, and how many are taken.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Id">From 1, unique in the platform.</param>
/// <param name="Name">The administrator's name for it, which clients see.</param>
/// <param name="Seats">Seats sold, or null for unlimited.</param>
/// <param name="Active">False when an administrator has deactivated it: seats are kept, none is given.</param>
/// <param name="Starts">From when on seats may be taken, or null.</param>
/// <param name="Expires">From when on seats may no longer be taken, or null.</param>
/// <param name="RedirectTo">Where clients send a user of it, or null.</param>
/// <param name="SeatsUsed">Active assignments of this license; what is set aside in allotments is not used.</param>
/// <param name="Version">Counts the changes of this row, seat by seat transaction and by administration.</param>
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
    /// <summary>Why a seat cannot be taken at <paramref name="now"/>, or null when it can be.</summary>
    public Refusal? RefusesSeat(DateTimeOffset now) =>
        !Active ? Refusal.LicenseInactive
        : now < Starts ? Refusal.LicenseNotStarted
        : now >= Expires ? Refusal.LicenseExpired
        : SeatsUsed >= Seats ? Refusal.SeatsExhausted
        : null;

    /// <summary>Whether its active assignments count at <paramref name="now"/>: active, started, not expired.</summary>
    public bool IsValid(DateTimeOffset now) => Active && !(now < Starts) && !(now >= Expires);
}

/// <summary>Why a license gives no seat.</summary>
public enum Refusal
{
    /// <summary>All its seats are taken.</summary>
    SeatsExhausted,

    /// <summary>An administrator has deactivated it.</summary>
    LicenseInactive,

    /// <summary>Its start is yet to come.</summary>
    LicenseNotStarted,

    /// <summary>It has expired.</summary>
    LicenseExpired,
}

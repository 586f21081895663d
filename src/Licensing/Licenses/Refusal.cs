namespace Licensing.Licenses;

/// <summary>Why a license refuses a seat.</summary>
public enum Refusal
{
    /// <summary>All seats are used.</summary>
    SeatsExhausted,

    /// <summary>An administrator has deactivated the license.</summary>
    LicenseInactive,

    /// <summary>The license has not started.</summary>
    LicenseNotStarted,

    /// <summary>The license has expired.</summary>
    LicenseExpired,
}

using Admin.Output;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Verification;

namespace Admin.Commands;

/// <summary>Refusals that several commands share: what is wrong, and what to do next.</summary>
internal static class Refusals
{
    public static Outcome NotConfirmed { get; } = new Outcome.Refused("Nothing was changed.");

    public static Outcome NoPlatform(string key) =>
        new Outcome.Refused($"Platform {key} does not exist: create it with 'platform create', or check its spelling.");

    public static Outcome PlatformSuspended(Platform platform) =>
        new Outcome.Refused($"Platform {platform.Key} is suspended: resume it with 'platform resume' first.");

    public static Outcome NoLicense(Platform platform, long id) =>
        new Outcome.Refused($"License {id} does not exist on platform {platform.Key}: check its id.");

    public static Outcome NoUser(Platform platform) =>
        new Outcome.Refused($"Platform {platform.Key} has no such user: check the id or e-mail address, or add the user with 'user add'.");

    public static Outcome NoAssignment(Platform platform, long id) =>
        new Outcome.Refused($"Assignment {id} does not exist on platform {platform.Key}: check its id with 'assignment list'.");

    public static Outcome NoSeat(long licenseId, Refusal refusal) => new Outcome.Refused(WhyNoSeat(licenseId, refusal));

    public static string WhyNoSeat(long licenseId, Refusal refusal) => refusal switch
    {
        Refusal.SeatsExhausted => $"License {licenseId} has no free seat: remove an assignment, or raise --seats with 'license update'.",
        Refusal.LicenseInactive => $"License {licenseId} is inactive: activate it with 'license update --active true'.",
        Refusal.LicenseNotStarted => $"License {licenseId} has not started: change --starts with 'license update', or wait.",
        Refusal.LicenseExpired => $"License {licenseId} has expired: change --expires with 'license update'.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    /// <summary>Returns the number of free seats with its noun.</summary>
    public static string FreeSeats(License license, long seats)
    {
        long free = Math.Max(0, seats - license.SeatsUsed);
        return $"{free} free {Plural.For(free, "seat")}";
    }

    /// <summary>Returns why an expiry is refused, or null. One in the past is usually a mistake.</summary>
    /// <param name="consequence">The consequence of such an expiry, as the beginning of the sentence.</param>
    public static string? WhyPastExpiry(DateTimeOffset? expires, bool force, DateTimeOffset now, string consequence) =>
        !force && expires <= now
            ? $"{consequence}: {Cells.Time(expires, none: "")} UTC is in the past. Pass a later --expires, or add --force."
            : null;
}

using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Platforms;

namespace Admin;

/// <summary>Changes of assignments that whoever runs the command asks for.</summary>
internal static class Administrator
{
    /// <summary>For the history: it says who, and that it was not an API key.</summary>
    private static readonly string By = $"admin:{Environment.UserName}";

    public static PutAssignment Put(Platform platform, long licenseId, UserName user, bool active, bool fulfilled) => new(
        platform.Key, licenseId, user.Id, user.Email, active, fulfilled, Metadata: null, By, Guid.CreateVersion7());

    public static DeleteAssignment Delete(Assignment assignment) => new(
        assignment.Platform, assignment.LicenseId, assignment.Id, By, Guid.CreateVersion7());

    public static Outcome Suspended(Platform platform) =>
        new Outcome.Refused($"Platform {platform.Key} is suspended: resume it with 'platform resume' first.");

    public static string Sentence(long licenseId, Refusal refusal) => refusal switch
    {
        Refusal.SeatsExhausted => $"License {licenseId} has no free seat: remove an assignment, or raise --seats with 'license update'.",
        Refusal.LicenseInactive => $"License {licenseId} is inactive: activate it with 'license update --active true'.",
        Refusal.LicenseNotStarted => $"License {licenseId} has not started: change --starts with 'license update', or wait.",
        Refusal.LicenseExpired => $"License {licenseId} has expired: change --expires with 'license update'.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}

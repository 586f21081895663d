using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Platforms;

namespace Admin.Arguments;

/// <summary>Creates requests on behalf of the person who runs the command.</summary>
internal static class AdminRequests
{
    /// <summary>The name in the history; the prefix distinguishes it from an API key id.</summary>
    public static readonly string By = $"admin:{Environment.UserName}";

    public static PutAssignment Put(Platform platform, long licenseId, UserReference user, bool active, bool fulfilled) => new(
        platform.Key, licenseId, user.Id, user.Email, active, fulfilled, Metadata: null, By, Guid.CreateVersion7());

    public static DeleteAssignment Delete(Assignment assignment) => new(
        assignment.Platform, assignment.LicenseId, assignment.Id, By, Guid.CreateVersion7());
}

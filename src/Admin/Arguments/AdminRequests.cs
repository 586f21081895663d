using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Platforms;

namespace Admin.Arguments;

/// <summary>Changes of assignments in the name of the person who runs the command.</summary>
internal static class AdminRequests
{
    /// <summary>Who, in the history: an administrator and not an API key.</summary>
    public static readonly string By = $"admin:{Environment.UserName}";

    public static PutAssignment Put(Platform platform, long licenseId, UserReference user, bool active, bool fulfilled) => new(
        platform.Key, licenseId, user.Id, user.Email, active, fulfilled, Metadata: null, By, Guid.CreateVersion7());

    public static DeleteAssignment Delete(Assignment assignment) => new(
        assignment.Platform, assignment.LicenseId, assignment.Id, By, Guid.CreateVersion7());
}

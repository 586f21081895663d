using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;

namespace Licensing.Commit;

/// <summary>How a request ended. Storage trouble is not among these: it is a <see cref="Storage.StorageUnavailableException"/>.</summary>
public abstract record AssignmentOutcome
{
    private AssignmentOutcome()
    {
    }

    /// <summary>The assignment is in storage as asked for.</summary>
    public sealed record Saved(Assignment Assignment, User User, License License) : AssignmentOutcome
    {
        /// <summary>Whether this request created it.</summary>
        public bool IsNew { get; init; }
    }

    /// <summary>The assignment is gone: deleted by this request, or by an earlier delivery of it.</summary>
    public sealed record Deleted : AssignmentOutcome;

    /// <summary>The platform is suspended or no longer exists; nothing was changed.</summary>
    public sealed record PlatformSuspended : AssignmentOutcome;

    /// <summary>The platform has no license of this id.</summary>
    public sealed record LicenseNotFound : AssignmentOutcome;

    /// <summary>The platform has no user of this id, or none with this address.</summary>
    public sealed record UserNotFound : AssignmentOutcome;

    /// <summary>The user id and the e-mail address name different users.</summary>
    public sealed record UserMismatch : AssignmentOutcome;

    /// <summary>There is no such assignment of this license.</summary>
    public sealed record AssignmentNotFound : AssignmentOutcome;

    /// <summary>The request would take a seat, and the license gives none.</summary>
    /// <param name="Refusal">Why it gives none.</param>
    /// <param name="License">As it was when it gave none.</param>
    public sealed record Refused(Refusal Refusal, License License) : AssignmentOutcome;
}

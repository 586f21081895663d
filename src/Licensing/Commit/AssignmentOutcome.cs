using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;

namespace Licensing.Commit;

/// <summary>The result of a request. A storage failure is a <see cref="Storage.StorageUnavailableException"/> instead.</summary>
public abstract record AssignmentOutcome
{
    private AssignmentOutcome()
    {
    }

    /// <summary>The assignment is stored as requested.</summary>
    public sealed record Saved(Assignment Assignment, User User, License License) : AssignmentOutcome
    {
        /// <summary>Whether this request created the assignment.</summary>
        public bool IsNew { get; init; }
    }

    /// <summary>The assignment was deleted by this request or by an earlier delivery of it.</summary>
    public sealed record Deleted : AssignmentOutcome;

    /// <summary>The platform is suspended or no longer exists; nothing was changed.</summary>
    public sealed record PlatformSuspended : AssignmentOutcome;

    /// <summary>The platform has no license with this id.</summary>
    public sealed record LicenseNotFound : AssignmentOutcome;

    /// <summary>The platform has no user with this id, or none with this e-mail address.</summary>
    public sealed record UserNotFound : AssignmentOutcome;

    /// <summary>The user id and the e-mail address name different users.</summary>
    public sealed record UserMismatch : AssignmentOutcome;

    /// <summary>The license has no assignment with this id.</summary>
    public sealed record AssignmentNotFound : AssignmentOutcome;

    /// <summary>The request needs a seat, and the license refuses it; nothing was changed.</summary>
    /// <param name="Refusal">The reason.</param>
    /// <param name="License">The license when the seat was refused.</param>
    public sealed record Refused(Refusal Refusal, License License) : AssignmentOutcome;
}

namespace Licensing.Assignments;

/// <summary>
/// A user's assignment of a license. There is at most one per (platform, license, user), and its id never changes.
/// </summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Id">From 1, unique in the platform, never reused.</param>
/// <param name="UserId">The user's id.</param>
/// <param name="LicenseId">The license's id.</param>
/// <param name="State">The part that clients set.</param>
/// <param name="Version">1 on creation, increased by each change; the number of the last history record.</param>
public sealed record Assignment(
    string Platform,
    long Id,
    long UserId,
    long LicenseId,
    AssignmentState State,
    long Version);

/// <summary>What a lookup by id finds; it outlives the assignment.</summary>
/// <param name="Assignment">The current assignment, or, if it was deleted, its last state with the version of the deletion.</param>
/// <param name="DeletedBy">The write id of the request that deleted it, or null if it exists.</param>
public sealed record AssignmentStanding(Assignment Assignment, Guid? DeletedBy);

/// <summary>The part of an assignment that clients set.</summary>
/// <param name="Active">When true, the assignment uses one seat of the license.</param>
/// <param name="Fulfilled">Set and read by clients only; no rule depends on it.</param>
/// <param name="Metadata">A JSON object as compact text.</param>
public sealed record AssignmentState(bool Active, bool Fulfilled, string Metadata)
{
    /// <summary>Seats held: 1 when active, else 0.</summary>
    public int Seats => Active ? 1 : 0;
}

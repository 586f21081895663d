namespace Licensing.Assignments;

/// <summary>
/// What a user holds of a license. There is one for each (platform, license, user), and its id never changes.
/// </summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Id">From 1, unique in the platform, never used again.</param>
/// <param name="UserId">Who holds it.</param>
/// <param name="LicenseId">What it is of.</param>
/// <param name="State">What the API's clients set.</param>
/// <param name="Version">1 when created, one more with each change: the number of its last history record.</param>
public sealed record Assignment(
    string Platform,
    long Id,
    long UserId,
    long LicenseId,
    AssignmentState State,
    long Version);

/// <summary>What is found by an assignment's id, which outlives it.</summary>
/// <param name="Assignment">As it is; as it was last, but for its version, when it was deleted.</param>
/// <param name="DeletedBy">The write id of the request that deleted it, or null while it exists.</param>
public sealed record AssignmentStanding(Assignment Assignment, Guid? DeletedBy);

/// <summary>The part of an assignment that clients set.</summary>
/// <param name="Active">Holds one seat of the license when true.</param>
/// <param name="Fulfilled">Whatever the client means by it; no rule depends on it.</param>
/// <param name="Metadata">A JSON object as compact text.</param>
public sealed record AssignmentState(bool Active, bool Fulfilled, string Metadata)
{
    /// <summary>Seats held: 1 when active, else 0.</summary>
    public int Seats => Active ? 1 : 0;
}

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

namespace Licensing.Commit;

/// <summary>Deletes an assignment of the license and frees its seat.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="LicenseId">The license that the assignment must belong to.</param>
/// <param name="AssignmentId">The assignment's id.</param>
/// <param name="By">See <see cref="AssignmentRequest"/>.</param>
/// <param name="WriteId">See <see cref="AssignmentRequest"/>.</param>
public sealed record DeleteAssignment(
    string Platform,
    long LicenseId,
    long AssignmentId,
    string By,
    Guid WriteId) : AssignmentRequest(Platform, LicenseId, By, WriteId);

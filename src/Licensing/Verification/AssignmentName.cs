namespace Licensing.Verification;

/// <summary>An assignment's id, with the user and the license in its row or history record.</summary>
internal readonly record struct AssignmentName(long Id, long UserId, long LicenseId);

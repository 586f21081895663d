namespace Licensing.Verification;

/// <summary>An assignment's id with the user and the license that a row or a history record gives it.</summary>
internal readonly record struct AssignmentName(long Id, long UserId, long LicenseId);

using Licensing.Users;

namespace Licensing.Commit;

/// <summary>Creates the user's assignment of the license, or updates the existing one to this state.</summary>
/// <param name="UserId">The user's id, or null to find the user by <paramref name="Email"/>. If both are set, they must name the same user.</param>
/// <param name="Metadata">A JSON object as compact text; null keeps the stored value.</param>
public sealed record PutAssignment(
    string Platform,
    long LicenseId,
    long? UserId,
    EmailAddress? Email,
    bool Active,
    bool Fulfilled,
    string? Metadata,
    string By,
    Guid WriteId) : AssignmentRequest(Platform, LicenseId, By, WriteId);

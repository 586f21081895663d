using Licensing.Users;

namespace Licensing.Commit;

/// <summary>A change that a client requests.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="LicenseId">The license's id.</param>
/// <param name="By">Who requests it, for the history: an API key id, or a name that starts with <c>admin</c>.</param>
/// <param name="WriteId">
/// Identifies the request. It is stored with the change, so that a repeated request is recognized after a lost reply.
/// </param>
public abstract record AssignmentRequest(string Platform, long LicenseId, string By, Guid WriteId);

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

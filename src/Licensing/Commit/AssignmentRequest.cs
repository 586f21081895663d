using Licensing.Users;

namespace Licensing.Commit;

/// <summary>A change that a client asks for.</summary>
/// <param name="By">Who asks: the API key's id, for the history.</param>
/// <param name="WriteId">
/// Names the request. It is stored with what the request writes, so that a request whose reply was lost is recognised
/// when it is delivered again.
/// </param>
public abstract record AssignmentRequest(string Platform, long LicenseId, string By, Guid WriteId);

/// <summary>Create the user's assignment of the license, or bring the one that exists to this state.</summary>
/// <param name="UserId">The user, or null to find it by <paramref name="Email"/>; with both they must agree.</param>
/// <param name="Metadata">A JSON object as compact text; null keeps what is stored.</param>
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

/// <summary>Delete the assignment of this id, if it is of this license, and free its seat.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="LicenseId">The license it has to be of.</param>
/// <param name="AssignmentId">The assignment.</param>
/// <param name="By">As of <see cref="AssignmentRequest"/>.</param>
/// <param name="WriteId">As of <see cref="AssignmentRequest"/>.</param>
public sealed record DeleteAssignment(
    string Platform,
    long LicenseId,
    long AssignmentId,
    string By,
    Guid WriteId) : AssignmentRequest(Platform, LicenseId, By, WriteId);

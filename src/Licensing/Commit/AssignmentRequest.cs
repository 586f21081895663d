namespace Licensing.Commit;

/// <summary>A change that a client requests.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="LicenseId">The license's id.</param>
/// <param name="By">Who requests it, for the history: an API key id, or a name that starts with <c>admin</c>.</param>
/// <param name="WriteId">
/// Identifies the request. It is stored with the change, so that a repeated request is recognized after a lost reply.
/// </param>
public abstract record AssignmentRequest(string Platform, long LicenseId, string By, Guid WriteId);

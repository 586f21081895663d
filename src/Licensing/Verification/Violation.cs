namespace Licensing.Verification;

/// <summary>A contradiction in a platform's tables.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Code">The broken rule, see <see cref="ViolationCode"/>.</param>
/// <param name="Detail">One sentence with the numbers; no e-mail address.</param>
/// <param name="LicenseId">The license concerned, or null.</param>
/// <param name="AssignmentId">The assignment concerned, or null.</param>
/// <param name="UserId">The user concerned, or null.</param>
public sealed record Violation(
    string Platform,
    string Code,
    string Detail,
    long? LicenseId = null,
    long? AssignmentId = null,
    long? UserId = null);

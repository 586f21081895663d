using Azure;

namespace Licensing.Assignments;

/// <summary>An assignment and what was read with it.</summary>
/// <param name="Assignment">As stored, or null.</param>
/// <param name="UserChanged">The user was removed or got another address and must be looked up again.</param>
/// <param name="Fence">The ETag of the fence that the assignment will replace; null if there is none.</param>
internal sealed record AssignmentLook(Assignment? Assignment, bool UserChanged, ETag? Fence);

using Licensing.Assignments;

namespace Licensing.Commit;

/// <summary>A read of the assignment for a request.</summary>
/// <param name="Began">When the read started; a timestamp of <see cref="TimeProvider"/>.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Found">The assignment, or null if there is none.</param>
internal sealed record Look(long Began, long Ended, Assignment? Found);

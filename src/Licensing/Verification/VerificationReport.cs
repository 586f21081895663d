namespace Licensing.Verification;

/// <summary>The result of verifying a platform.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="Licenses">Licenses read.</param>
/// <param name="Users">Users read.</param>
/// <param name="Assignments">Assignments read.</param>
/// <param name="ActiveAssignments">Active assignments among them.</param>
/// <param name="Changes">History records read.</param>
/// <param name="Violations">The violations, in the order of the checks.</param>
/// <param name="Repairs">One sentence for each repair.</param>
public sealed record VerificationReport(
    string Platform,
    long Licenses,
    long Users,
    long Assignments,
    long ActiveAssignments,
    long Changes,
    IReadOnlyList<Violation> Violations,
    IReadOnlyList<string> Repairs);

using System.Text.Json.Serialization;
using Licensing.Verification;

namespace Admin.Output;

/// <param name="Repairs">One sentence for each repair.</param>
/// <param name="Remaining">The violations that a second verification found after the repair; null if there was none.</param>
internal sealed record VerificationJson(
    string PlatformKey,
    long Licenses,
    long Users,
    long Assignments,
    long ActiveAssignments,
    long Changes,
    IReadOnlyList<ViolationJson> Violations,
    IReadOnlyList<string> Repairs,
    IReadOnlyList<ViolationJson>? Remaining)
{
    public static VerificationJson Of(VerificationReport report, VerificationReport? afterwards) => new(
        report.Platform,
        report.Licenses,
        report.Users,
        report.Assignments,
        report.ActiveAssignments,
        report.Changes,
        [.. report.Violations.Select(ViolationJson.Of)],
        report.Repairs,
        afterwards is null ? null : [.. afterwards.Violations.Select(ViolationJson.Of)]);

    [JsonIgnore]
    public bool IsClean => (Remaining ?? Violations).Count == 0;
}

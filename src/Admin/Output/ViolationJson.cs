using Licensing.Verification;

namespace Admin.Output;

internal sealed record ViolationJson(string Code, string Detail, long? LicenseId, long? AssignmentId, long? UserId)
{
    public static ViolationJson Of(Violation violation) =>
        new(violation.Code, violation.Detail, violation.LicenseId, violation.AssignmentId, violation.UserId);
}

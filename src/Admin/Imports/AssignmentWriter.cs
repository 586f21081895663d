using Admin.Arguments;
using Licensing;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Platforms;

namespace Admin.Imports;

/// <summary>Adds, changes and removes assignments like the API.</summary>
internal sealed class AssignmentWriter(AssignmentService service, Platform platform)
{
    /// <summary>Each row is one request, as in the API. Concurrent requests share transactions of up to 49 creates.</summary>
    public static readonly BatchLimits Limits = new(Size: 1, AtOnce: 132);

    /// <param name="triedBefore">Whether an earlier attempt, whose reply was lost, may have created it.</param>
    public async Task<IReadOnlyList<RowResult>> PutAsync(long licenseId, NewAssignment row, bool triedBefore) =>
    [
        await service.PutAsync(
            AdminRequests.Put(platform, licenseId, new UserReference(row.UserId, null), row.Active, row.Fulfilled), CancellationToken.None) switch
        {
            AssignmentOutcome.Saved saved => saved.IsNew || triedBefore ? new RowResult.Added() : new RowResult.Existed(),
            AssignmentOutcome.Refused(var refusal, _) => new RowResult.Rejected(refusal switch
            {
                Refusal.SeatsExhausted => "no seat was free",
                Refusal.LicenseInactive => "the license was deactivated in the meantime",
                _ => "the license has expired or has not started",
            }),
            AssignmentOutcome.PlatformSuspended => new RowResult.Rejected("the platform was suspended in the meantime"),
            _ => new RowResult.Rejected("the user or the license was removed in the meantime"),
        },
    ];

    /// <summary>Here, <see cref="RowResult.Added"/> means removed, and <see cref="RowResult.Existed"/> already gone.</summary>
    public async Task<IReadOnlyList<RowResult>> RemoveAsync(Assignment assignment) =>
    [
        await service.DeleteAsync(AdminRequests.Delete(assignment), CancellationToken.None) switch
        {
            AssignmentOutcome.Deleted => new RowResult.Added(),
            AssignmentOutcome.PlatformSuspended => new RowResult.Rejected("the platform was suspended in the meantime"),
            _ => new RowResult.Existed(),
        },
    ];
}

using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>Checks every row of a platform against the history and related rows, and repairs what can be derived from other rows.</summary>
public sealed class Verifier(Tables tables, LicenseStore licenses, AssignmentStore assignments, UserStore users, TimeProvider time)
{
    /// <summary>Verifies one platform. Safe while requests are served. Memory does not grow with assignments, users or changes.</summary>
    /// <param name="platform">The key of an existing platform.</param>
    /// <param name="repair">Whether to repair violations if possible. The report has the violations from before the repair.</param>
    /// <param name="progress">Receives a report for each 1,000 rows; may be null.</param>
    /// <param name="cancellationToken">Interrupts the verification. Repairs already made are kept.</param>
    public async Task<VerificationReport> VerifyAsync(
        string platform, bool repair, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        PlatformVerification verification = new(tables, licenses, assignments, users, time, platform, progress);
        await verification.RunAsync(cancellationToken);
        List<string> repairs = [];
        foreach (Repair step in repair ? verification.Repairs : [])
        {
            if (await step(cancellationToken) is { } done)
            {
                repairs.Add(done);
            }
        }

        return verification.Report(repairs);
    }
}

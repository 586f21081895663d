using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>Checks every row of a platform against the history and related rows, and repairs what follows from the rest.</summary>
public sealed class Verifier(Tables tables, LicenseStore licenses, AssignmentStore assignments, UserStore users, TimeProvider time)
{
    /// <summary>Verifies one platform. Safe while requests are served; memory does not grow with assignments, users or changes.</summary>
    /// <param name="platform">The platform's key; it has to exist.</param>
    /// <param name="repair">Whether to repair what can be repaired; the report then holds what was found before.</param>
    /// <param name="progress">Told after each 1,000 rows read, or null.</param>
    /// <param name="cancellationToken">Stops between two reads or repairs; what is repaired by then stays so.</param>
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

using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>
/// Shows that nothing was lost: holds every row of a platform against the history and against the others, and mends
/// what follows from the rest.
/// </summary>
public sealed class Verifier(Tables tables, LicenseStore licenses, AssignmentStore assignments, UserStore users, TimeProvider time)
{
    /// <summary>May run while requests are served; memory does not grow with assignments, users or changes.</summary>
    /// <param name="repair">Whether to mend what can be mended; the report then holds what was found before.</param>
    public async Task<VerificationReport> VerifyAsync(
        string platform, bool repair, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        PlatformRepair mend = new(tables, licenses, assignments, users, platform);
        PlatformVerification verification = new(tables, licenses, users, mend, time, platform, progress);
        await verification.RunAsync(cancellationToken);
        List<string> repairs = [];
        foreach (Func<CancellationToken, Task<string?>> step in repair ? verification.Repairs : [])
        {
            if (await step(cancellationToken) is { } done)
            {
                repairs.Add(done);
            }
        }

        return verification.Report(repairs);
    }
}

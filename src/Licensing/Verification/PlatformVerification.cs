using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>A verification of one platform: runs the checks in the order of their dependencies.</summary>
/// <remarks>
/// Requests may be served meanwhile. So a license's seats are compared as of the versions of its row and its allotments,
/// which are read as of one moment. Rows that seem to differ are read again before they count as a violation, because they
/// may have been read before and after a change.
/// </remarks>
internal sealed class PlatformVerification
{
    private readonly string _platform;
    private readonly Findings _findings = new();
    private readonly SeatsCheck _seats;
    private readonly HistoryCheck _history;
    private readonly AssignmentsCheck _assignments;
    private readonly SequenceCheck _sequence;
    private readonly DirectoryCheck _directory;

    public PlatformVerification(
        Tables tables,
        LicenseStore licenses,
        AssignmentStore assignments,
        UserStore users,
        TimeProvider time,
        string platform,
        IProgress<VerificationProgress>? progress)
    {
        _platform = platform;
        PlatformRows rows = new(tables, users.Directory, platform, progress);
        _seats = new SeatsCheck(rows, licenses, _findings);
        _history = new HistoryCheck(rows, new AssignmentRepair(rows, assignments), _seats, _findings);
        _directory = new DirectoryCheck(rows, users, new DirectoryRepair(tables, users, platform), time, _findings);
        _assignments = new AssignmentsCheck(rows, users, _seats, _history, _directory, time, _findings);
        _sequence = new SequenceCheck(rows, _findings);
    }

    /// <summary>The repairs for the violations, in order.</summary>
    public IReadOnlyList<Repair> Repairs => _findings.Repairs;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _seats.ReadLicensesAsync(cancellationToken);
        await _history.ReplayAsync(cancellationToken);
        await _assignments.ReadAsync(cancellationToken);
        await _history.CompareSuspectsAsync(cancellationToken);
        await _sequence.CompareAsync(_history.LastId, cancellationToken);
        _seats.Compare();
        await _directory.CompareAsync(cancellationToken);
    }

    public VerificationReport Report(IReadOnlyList<string> repairs) => new(
        _platform,
        _seats.Licenses,
        _assignments.Users,
        _assignments.Assignments,
        _assignments.Active,
        _history.Changes,
        _findings.Violations,
        repairs);
}

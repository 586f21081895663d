using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Storage;

namespace Licensing.Verification;

/// <summary>
/// Checks whether each history is complete, and whether each assignment matches the end of its history. Passes every
/// change to the check of the seats.
/// </summary>
internal sealed class HistoryCheck(PlatformRows rows, AssignmentRepair repair, SeatsCheck seats, Findings findings)
{
    private readonly Pairing _rowsAndHistories = new();
    private readonly HashSet<long> _broken = [];
    private readonly HashSet<AssignmentName> _suspects = [];

    public long Changes { get; private set; }

    /// <summary>The highest assignment id in use, or 0.</summary>
    public long LastId { get; private set; }

    /// <summary>Replays the history, and compares the end of each with the current state in its first record.</summary>
    public async Task ReplayAsync(CancellationToken cancellationToken)
    {
        AssignmentStanding? standing = null;
        AssignmentChange? last = null;
        await foreach (TableEntity entity in rows.ReadAsync(RowPrefix.Change, "history", cancellationToken))
        {
            AssignmentChange change = AssignmentRows.ToChange(rows.Platform, entity);
            if (change.AssignmentId != last?.AssignmentId)
            {
                CompareEnd(last, standing);
                (last, standing) = (null, AssignmentRows.ToStanding(rows.Platform, entity));
            }

            Changes++;
            seats.Add(change);
            if (!change.FollowsOn(last))
            {
                AddBroken(Name(change));
                seats.MarkIncomplete((last ?? change).LicenseId);
            }

            last = change;
        }

        CompareEnd(last, standing);
    }

    /// <summary>Adds an assignment's row, to compare it with the end of its history.</summary>
    public void AddRow(Assignment assignment) => _rowsAndHistories.AddLeft(assignment.Id, Content(assignment));

    /// <summary>Reads assignments again, one by one, if their row and history may differ.</summary>
    public async Task CompareSuspectsAsync(CancellationToken cancellationToken)
    {
        if (!_rowsAndHistories.AllPaired)
        {
            await CollectSuspectsAsync(cancellationToken);
        }

        ILookup<(long UserId, long LicenseId), AssignmentName> claims = _suspects.ToLookup(name => (name.UserId, name.LicenseId));
        foreach (AssignmentName name in _suspects)
        {
            switch (await repair.ExamineAsync(name, cancellationToken))
            {
                case { IsAsItShould: true }:
                    break;
                case { Last: null }:
                    AddMissing(name, isOnlyClaim: claims[(name.UserId, name.LicenseId)].Count() == 1);
                    break;
                case { HasLostItsFirstRecord: true } or { HasLostItsLastRecord: true }:
                    AddBroken(name);
                    break;
                default:
                    findings.Add(
                        Of(name, ViolationCode.AssignmentDiffersFromHistory, $"What is stored of assignment {name.Id} is not what its history ends with."),
                        cancellationToken => repair.RestoreAsync(name, cancellationToken));
                    break;
            }
        }
    }

    private void CompareEnd(AssignmentChange? last, AssignmentStanding? standing)
    {
        if (last is null)
        {
            return;
        }

        LastId = last.AssignmentId;
        if (last.Assignment is { } assignment)
        {
            _rowsAndHistories.AddRight(assignment.Id, Content(assignment));
        }

        if (!last.LeavesAs(standing))
        {
            _suspects.Add(Name(last));
        }
    }

    /// <summary>Adds every assignment in a bucket with differences, as its row and its records name it.</summary>
    private async Task CollectSuspectsAsync(CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in rows.ReadAsync(RowPrefix.Assignment, "assignments that may differ", cancellationToken))
        {
            if (!AssignmentRows.IsFence(entity))
            {
                Assignment assignment = AssignmentRows.ToAssignment(rows.Platform, entity);
                AddIfSuspect(new AssignmentName(assignment.Id, assignment.UserId, assignment.LicenseId));
            }
        }

        await foreach (TableEntity entity in rows.ReadAsync(RowPrefix.Change, "history that may differ", cancellationToken))
        {
            AddIfSuspect(Name(AssignmentRows.ToChange(rows.Platform, entity)));
        }
    }

    private void AddIfSuspect(AssignmentName name)
    {
        if (_rowsAndHistories.IsSuspect(name.Id))
        {
            _suspects.Add(name);
        }
    }

    /// <param name="name">The assignment, as its row names it.</param>
    /// <param name="isOnlyClaim">False if another assignment will be restored to this row, so that its id does not count.</param>
    private void AddMissing(AssignmentName name, bool isOnlyClaim)
    {
        seats.MarkIncomplete(name.LicenseId);
        LastId = isOnlyClaim ? Math.Max(LastId, name.Id) : LastId;
        findings.Add(Of(name, ViolationCode.HistoryMissing, $"Assignment {name.Id} has no history."));
    }

    private void AddBroken(AssignmentName name)
    {
        seats.MarkIncomplete(name.LicenseId);
        if (_broken.Add(name.Id))
        {
            findings.Add(Of(name, ViolationCode.HistoryBroken, $"The history of assignment {name.Id} does not follow on from record to record."));
        }
    }

    private Violation Of(AssignmentName name, string code, string detail) =>
        new(rows.Platform, code, detail, name.LicenseId, name.Id, name.UserId);

    private static AssignmentName Name(AssignmentChange change) => new(change.AssignmentId, change.UserId, change.LicenseId);

    private static string Content(Assignment assignment) =>
        $"{assignment.UserId}\n{assignment.LicenseId}\n{assignment.Version}\n{assignment.State}";
}

using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>
/// Checks whether the user and the license of each assignment exist. Passes every assignment to the check of the history
/// and every user to the check of the directory.
/// </summary>
internal sealed class AssignmentsCheck(
    PlatformRows rows,
    UserStore users,
    SeatsCheck seats,
    HistoryCheck history,
    DirectoryCheck directory,
    TimeProvider time,
    Findings findings)
{
    /// <summary>Well over the minute for which instances cache users.</summary>
    private static readonly TimeSpan FencesServe = TimeSpan.FromHours(1);

    private bool _hasOldFences;

    public long Users { get; private set; }

    public long Assignments { get; private set; }

    public long Active { get; private set; }

    private DateTimeOffset OldFences => time.GetUtcNow() - FencesServe;

    /// <summary>Reads assignments and users in parallel, because both are sorted by user id.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<TableEntity> userRows =
            rows.ReadAsync(RowPrefix.User, "users", cancellationToken).GetAsyncEnumerator(cancellationToken);
        User? user = await NextUserAsync(userRows);
        await foreach (TableEntity entity in rows.ReadAsync(RowPrefix.Assignment, "assignments", cancellationToken))
        {
            if (AssignmentRows.IsFence(entity))
            {
                _hasOldFences |= entity.Timestamp < OldFences;
                continue;
            }

            Assignment assignment = AssignmentRows.ToAssignment(rows.Platform, entity);
            Assignments++;
            Active += assignment.State.Seats;
            history.AddRow(assignment);
            while (user?.Id < assignment.UserId)
            {
                user = await NextUserAsync(userRows);
            }

            await CheckUserAsync(assignment, user, cancellationToken);
            await CheckLicenseAsync(assignment, cancellationToken);
        }

        while (user is not null)
        {
            user = await NextUserAsync(userRows);
        }

        if (_hasOldFences)
        {
            findings.AddCleanUp(RemoveOldFencesAsync);
        }
    }

    private async Task<User?> NextUserAsync(IAsyncEnumerator<TableEntity> userRows)
    {
        if (!await userRows.MoveNextAsync())
        {
            return null;
        }

        Users++;
        return directory.AddUser(userRows.Current);
    }

    /// <param name="assignment">The assignment.</param>
    /// <param name="next">The first user whose id is not lower than that of the assignment's user.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    private async Task CheckUserAsync(Assignment assignment, User? next, CancellationToken cancellationToken)
    {
        // The user may have been added, or the assignment deleted, since the pages were read.
        if (next?.Id != assignment.UserId
            && await users.FindAsync(rows.Platform, assignment.UserId, cancellationToken) is null
            && await rows.FindAsync(TableKey.Assignment(assignment.UserId, assignment.LicenseId), cancellationToken) is not null)
        {
            findings.Add(Of(
                assignment, ViolationCode.UserMissing, $"Assignment {assignment.Id} is of user {assignment.UserId}, who does not exist."));
        }
    }

    private async Task CheckLicenseAsync(Assignment assignment, CancellationToken cancellationToken)
    {
        if (!await seats.ExistsAsync(assignment.LicenseId, cancellationToken))
        {
            findings.Add(Of(
                assignment, ViolationCode.LicenseMissing, $"Assignment {assignment.Id} is of license {assignment.LicenseId}, which does not exist."));
        }
    }

    private Violation Of(Assignment assignment, string code, string detail) =>
        new(rows.Platform, code, detail, assignment.LicenseId, assignment.Id, assignment.UserId);

    private async Task<string?> RemoveOldFencesAsync(CancellationToken cancellationToken)
    {
        int removed = await users.Fences.RemoveAsync(rows.Platform, OldFences, cancellationToken);
        return removed == 0 ? null : $"Removed {removed} temporary {Plural.For(removed, "row")} of users who were removed or changed.";
    }
}

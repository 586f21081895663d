using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Assignments;

/// <summary>
/// Assignments and their history, in their platform's partition of table <c>Assignments</c>. An assignment is found by
/// user and license in its row, and by its id in the first record of its history; either look-up is one call.
/// </summary>
public sealed class AssignmentStore(Tables tables)
{
    /// <summary>One storage call.</summary>
    public async Task<Assignment?> FindAsync(string platform, long userId, long licenseId, CancellationToken cancellationToken) =>
        (await LookAsync(platform, userId, licenseId, cancellationToken)).Assignment;

    /// <summary>What a create of this assignment would meet; one storage call.</summary>
    internal async Task<AssignmentLook> LookAsync(string platform, long userId, long licenseId, CancellationToken cancellationToken) =>
        await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.Assignment(userId, licenseId), cancellationToken) is { } entity
            ? AssignmentRows.IsFence(entity)
                ? new AssignmentLook(Assignment: null, UserChanged: true, entity.ETag)
                : new AssignmentLook(AssignmentRows.ToAssignment(platform, entity), AssignmentRows.IsMarked(entity), Fence: null)
            : new AssignmentLook(Assignment: null, UserChanged: false, Fence: null);

    /// <summary>How the assignment of this id stands, or null when there never was one; one storage call.</summary>
    public async Task<AssignmentStanding?> FindAsync(string platform, long id, CancellationToken cancellationToken) =>
        await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.FirstChange(id), cancellationToken) is { } entity
            ? AssignmentRows.ToStanding(platform, entity)
            : null;

    /// <summary>A user's assignments; one storage call for each 1,000 of them.</summary>
    public IAsyncEnumerable<Assignment> OfUserAsync(string platform, long userId, CancellationToken cancellationToken) =>
        ReadAsync(platform, tables.Assignments.QueryAsync(TableKey.Escape(platform), TableKey.AssignmentsOf(userId), cancellationToken).OrNoneAsync());

    /// <summary>All assignments of a platform, by user.</summary>
    public IAsyncEnumerable<Assignment> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        ReadAsync(platform, tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.Assignment, cancellationToken));

    /// <summary>An assignment's history, oldest change first; it outlives the assignment.</summary>
    public IAsyncEnumerable<Change> HistoryAsync(string platform, long assignmentId, CancellationToken cancellationToken) =>
        ReadHistoryAsync(platform, TableKey.ChangesOf(assignmentId), cancellationToken);

    /// <summary>The history of all assignments of a platform, by assignment and oldest change first.</summary>
    public IAsyncEnumerable<Change> HistoryAsync(string platform, CancellationToken cancellationToken) =>
        ReadHistoryAsync(platform, RowPrefix.Change, cancellationToken);

    private static async IAsyncEnumerable<Assignment> ReadAsync(string platform, IAsyncEnumerable<TableEntity> rows)
    {
        await foreach (TableEntity entity in rows)
        {
            if (!AssignmentRows.IsFence(entity))
            {
                yield return AssignmentRows.ToAssignment(platform, entity);
            }
        }
    }

    private async IAsyncEnumerable<Change> ReadHistoryAsync(
        string platform, string rowPrefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in tables.Assignments.QueryAsync(TableKey.Escape(platform), rowPrefix, cancellationToken))
        {
            yield return AssignmentRows.ToChange(platform, entity);
        }
    }
}

/// <summary>An assignment and what was found beside it.</summary>
/// <param name="Assignment">As stored, or null.</param>
/// <param name="UserChanged">The user must be looked up anew: it was removed or given another address.</param>
/// <param name="Fence">Of the row that keeps the place of an assignment, to be replaced by it; null when there is none.</param>
internal sealed record AssignmentLook(Assignment? Assignment, bool UserChanged, ETag? Fence);

using System.Runtime.CompilerServices;
using Assignments.Storage;
using Azure.Data.Tables;

namespace Assignments;

/// <summary>
/// Assignments, in their platform's partition of table <c>Assignments</c>: each stands there twice with the same
/// content, by user and license and by its id, so that either look-up is one call.
/// </summary>
public sealed class AssignmentStore(Tables tables)
{
    /// <summary>One storage call.</summary>
    public async Task<Assignment?> FindAsync(string platform, long userId, long licenseId, CancellationToken cancellation) =>
        await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.Assignment(userId, licenseId), cancellation) is { } entity
            ? AssignmentRows.ToAssignment(platform, entity)
            : null;

    /// <summary>One storage call.</summary>
    public async Task<Assignment?> FindAsync(string platform, long id, CancellationToken cancellation) =>
        await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.AssignmentId(id), cancellation) is { } entity
            ? AssignmentRows.ToAssignment(platform, entity)
            : null;

    /// <summary>A user's assignments; one storage call for each 1,000 of them.</summary>
    public IAsyncEnumerable<Assignment> OfUserAsync(string platform, long userId, CancellationToken cancellation) =>
        ReadAsync(platform, TableKey.AssignmentsOf(userId), cancellation);

    /// <summary>All assignments of a platform, by user.</summary>
    public IAsyncEnumerable<Assignment> OfPlatformAsync(string platform, CancellationToken cancellation) =>
        ReadAsync(platform, RowPrefix.Assignment, cancellation);

    /// <summary>An assignment's history, oldest change first; it outlives the assignment.</summary>
    public async IAsyncEnumerable<Change> HistoryAsync(
        string platform, long assignmentId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (TableEntity entity in tables.Assignments.QueryAsync(
            TableKey.Escape(platform), TableKey.ChangesOf(assignmentId), cancellation))
        {
            yield return AssignmentRows.ToChange(platform, entity);
        }
    }

    /// <summary>The last change of an assignment, or null when there never was one of this id.</summary>
    public async Task<Change?> LastChangeAsync(string platform, long assignmentId, CancellationToken cancellation) =>
        await HistoryAsync(platform, assignmentId, cancellation).LastOrDefaultAsync(cancellation);

    private async IAsyncEnumerable<Assignment> ReadAsync(
        string platform, string rowPrefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (TableEntity entity in tables.Assignments.QueryAsync(TableKey.Escape(platform), rowPrefix, cancellation))
        {
            yield return AssignmentRows.ToAssignment(platform, entity);
        }
    }
}

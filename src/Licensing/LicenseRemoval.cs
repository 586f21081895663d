using System.Collections.Concurrent;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing;

/// <summary>Removes a license and its assignments. Repeating the call completes an interrupted removal.</summary>
public sealed class LicenseRemoval(
    Tables tables, LicenseStore licenses, AssignmentStore assignments, AssignmentService service, Administrator administrator, TimeProvider time)
{
    /// <summary>Concurrent requests, which share transactions.</summary>
    private const int AtOnce = 132;

    /// <summary>
    /// Deactivates the license, so that no instance assigns a seat of it, then removes its assignments and its row. The
    /// history is kept, so that the ids are never reused.
    /// </summary>
    /// <returns>The ids of the removed assignments, or null if the platform is suspended.</returns>
    public async Task<IReadOnlyList<long>?> RemoveAsync(string platform, long id, CancellationToken cancellationToken)
    {
        List<long> removed = [];
        while (await licenses.UpdateAsync(platform, id, license => license.Active ? license with { Active = false } : null, cancellationToken) is not null)
        {
            List<Assignment> held = await HeldAsync(platform, id, cancellationToken);
            if (held.Count == 0 && await licenses.TryRemoveAsync(platform, id, cancellationToken))
            {
                break;
            }

            if (await DeleteAsync(held, cancellationToken) is not { } deleted)
            {
                return null;
            }

            removed.AddRange(deleted);
        }

        // An instance that has the license in its cache may have added an inactive assignment, which needs no seat.
        foreach (Assignment late in await HeldAsync(platform, id, cancellationToken))
        {
            if (await TryDeleteAsync(late, cancellationToken))
            {
                removed.Add(late.Id);
            }
        }

        return removed;
    }

    private async Task<List<Assignment>> HeldAsync(string platform, long id, CancellationToken cancellationToken) =>
        await assignments.OfPlatformAsync(platform, cancellationToken)
            .Where(assignment => assignment.LicenseId == id).ToListAsync(cancellationToken);

    /// <summary>Returns the ids of the deleted assignments, or null if the platform is suspended.</summary>
    private async Task<IReadOnlyCollection<long>?> DeleteAsync(List<Assignment> held, CancellationToken cancellationToken)
    {
        ConcurrentBag<long> deleted = [];
        bool suspended = false;
        await Parallel.ForEachAsync(
            held,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (assignment, cancellationToken) =>
            {
                switch (await service.DeleteAsync(
                    new DeleteAssignment(assignment.Platform, assignment.LicenseId, assignment.Id, administrator.Name, Guid.CreateVersion7()), cancellationToken))
                {
                    case AssignmentOutcome.Deleted:
                        deleted.Add(assignment.Id);
                        break;
                    case AssignmentOutcome.PlatformSuspended:
                        suspended = true;
                        break;
                }
            });
        return suspended ? null : deleted;
    }

    /// <summary>Deletes an assignment whose license no longer exists. It holds no seat, so no counter changes.</summary>
    private async Task<bool> TryDeleteAsync(Assignment assignment, CancellationToken cancellationToken)
    {
        string partition = TableKey.Escape(assignment.Platform);
        if (await tables.Assignments.FindAsync(partition, TableKey.Assignment(assignment.UserId, assignment.LicenseId), cancellationToken) is not { } row)
        {
            return false;
        }

        Assignment current = AssignmentRows.ToAssignment(assignment.Platform, row);
        AssignmentChange change = AssignmentChange.Of(current, after: null, counter: null, time.GetUtcNow(), administrator.Name, Guid.CreateVersion7());
        return await tables.Assignments.TrySubmitAsync(
            [
                new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(partition, row.RowKey), row.ETag),
                .. AssignmentRows.HistoryActions(change),
            ],
            cancellationToken);
    }
}

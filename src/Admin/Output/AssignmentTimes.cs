using Licensing.Assignments;

namespace Admin.Output;

/// <summary>When an assignment was created and last changed, and who changed it last, from its history.</summary>
internal sealed record AssignmentTimes(DateTimeOffset Created, DateTimeOffset Changed, string By)
{
    /// <summary>Those of one assignment; null if its history is lost.</summary>
    public static async Task<AssignmentTimes?> OfAsync(AssignmentStore assignments, Assignment assignment, CancellationToken cancellationToken) =>
        (await FromAsync(assignments.HistoryAsync(assignment.Platform, assignment.Id, cancellationToken), cancellationToken)).GetValueOrDefault(assignment.Id);

    /// <param name="history">The changes of one or more assignments; those of each are in order.</param>
    public static async Task<Dictionary<long, AssignmentTimes>> FromAsync(IAsyncEnumerable<AssignmentChange> history, CancellationToken cancellationToken)
    {
        Dictionary<long, AssignmentTimes> times = [];
        await foreach (AssignmentChange change in history.WithCancellation(cancellationToken))
        {
            times[change.AssignmentId] = times.TryGetValue(change.AssignmentId, out AssignmentTimes? earlier)
                ? earlier with { Changed = change.At, By = change.By }
                : new AssignmentTimes(change.At, change.At, change.By);
        }

        return times;
    }
}

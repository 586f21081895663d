using System.Text.Json.Serialization;
using Licensing.Assignments;
using Licensing.Users;

namespace Admin.Output;

/// <param name="Created">When it was created; null if its history is lost.</param>
/// <param name="Changed">When it was last changed.</param>
/// <param name="By">Who changed it last: an API key id, or a name that starts with <c>admin</c>.</param>
/// <param name="Username">Null if the user no longer exists.</param>
internal sealed record AssignmentJson(
    long Id,
    long UserId,
    string? Username,
    string? Email,
    long LicenseId,
    bool Active,
    bool Fulfilled,
    [property: JsonConverter(typeof(RawJsonConverter))] string Metadata,
    DateTimeOffset? Created,
    DateTimeOffset? Changed,
    string? By)
{
    public static AssignmentJson Of(Assignment assignment, User? user, AssignmentTimes? times) => new(
        assignment.Id,
        assignment.UserId,
        user?.Username,
        user?.Email?.Text,
        assignment.LicenseId,
        assignment.State.Active,
        assignment.State.Fulfilled,
        assignment.State.Metadata,
        times?.Created,
        times?.Changed,
        times?.By);
}

/// <summary>When an assignment was created and last changed, and who changed it last, from its history.</summary>
internal sealed record AssignmentTimes(DateTimeOffset Created, DateTimeOffset Changed, string By)
{
    /// <summary>Those of one assignment; null if its history is lost.</summary>
    public static async Task<AssignmentTimes?> OfAsync(AssignmentStore assignments, Assignment assignment, CancellationToken cancellationToken) =>
        (await FromAsync(assignments.HistoryAsync(assignment.Platform, assignment.Id, cancellationToken), cancellationToken)).GetValueOrDefault(assignment.Id);

    /// <param name="history">The changes of one or more assignments; those of each are in order.</param>
    public static async Task<Dictionary<long, AssignmentTimes>> FromAsync(IAsyncEnumerable<Change> history, CancellationToken cancellationToken)
    {
        Dictionary<long, AssignmentTimes> times = [];
        await foreach (Change change in history.WithCancellation(cancellationToken))
        {
            times[change.AssignmentId] = times.TryGetValue(change.AssignmentId, out AssignmentTimes? earlier)
                ? earlier with { Changed = change.At, By = change.By }
                : new AssignmentTimes(change.At, change.At, change.By);
        }

        return times;
    }
}

using System.Diagnostics;
using Azure;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;

namespace Licensing.Commit;

/// <summary>A request on its way through its license's writer, with what is known of the assignment it is about.</summary>
internal sealed class PendingChange(AssignmentRequest request, long deadline)
{
    public AssignmentRequest Request { get; } = request;

    /// <summary>When its caller waits no longer: a timestamp of <see cref="TimeProvider"/>.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>The activity that asked, or none.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whose assignment it is.</summary>
    public required long UserId { get; init; }

    /// <summary>The id to use when the assignment must be created, or null when none was taken yet.</summary>
    public long? NewId { get; set; }

    /// <summary>What was last read for this request, or null.</summary>
    public Look? Look { get; set; }

    /// <summary>Of the row that keeps the assignment's place, see <see cref="UserFences"/>; null when there was none.</summary>
    public ETag? Fence { get; set; }

    /// <summary>Whether a transaction with this change may have reached storage without a reply.</summary>
    public bool Uncertain { get; set; }

    public TaskCompletionSource<ChangeResult> Reply { get; private set; } = NewReply();

    /// <summary>Whether it has waited before: it is not sent to the end of the queue again.</summary>
    public bool IsBack { get; private set; }

    /// <summary>To be called before it is queued again.</summary>
    public void Renew() => (Reply, IsBack) = (NewReply(), true);

    // The writer must not run its callers' continuations in its own loop.
    private static TaskCompletionSource<ChangeResult> NewReply() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What storage said when it was asked for the assignment on behalf of a request.</summary>
/// <param name="Began">Timestamps of <see cref="TimeProvider"/>: the assignment was so in between.</param>
/// <param name="Found">Null when there was none.</param>
internal sealed record Look(long Began, long Ended, Assignment? Found);

/// <summary>What the writer says of a change.</summary>
internal abstract record ChangeResult
{
    private ChangeResult()
    {
    }

    /// <param name="Assignment">As stored now; null when the change deleted it.</param>
    public sealed record Done(Assignment? Assignment, License License) : ChangeResult;

    public sealed record Refused(Refusal Refusal, License License) : ChangeResult;

    public sealed record AssignmentNotFound : ChangeResult;

    public sealed record LicenseNotFound : ChangeResult;

    /// <summary>It cannot be decided from memory: read the assignment and queue again.</summary>
    /// <param name="Overtaken">It was decided and not written, because its rows are not as they were thought to be.</param>
    public sealed record LookFirst(bool Overtaken = false) : ChangeResult;

    /// <summary>The user that was remembered is not whom the request names now: look the user up and begin again.</summary>
    public sealed record UserChanged : ChangeResult;

    /// <param name="Cause">What storage answered, if it was asked.</param>
    public sealed record Unavailable(string Why, Exception? Cause = null) : ChangeResult;
}

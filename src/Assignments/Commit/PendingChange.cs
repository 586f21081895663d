using System.Diagnostics;
using Azure;

namespace Assignments.Commit;

/// <summary>A request on its way through its license's writer, with what is known of the assignment it is about.</summary>
internal sealed class PendingChange(AssignmentRequest request, long arrived, long deadline)
{
    public AssignmentRequest Request { get; } = request;

    /// <summary>Timestamps of <see cref="TimeProvider"/>.</summary>
    public long Arrived { get; } = arrived;

    public long Deadline { get; } = deadline;

    /// <summary>The activity that asked, or none.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whose assignment it is.</summary>
    public required long UserId { get; init; }

    /// <summary>The id to use when the assignment must be created, or null when none was taken yet.</summary>
    public long? NewId { get; set; }

    /// <summary>The assignment as last read for this request, when <see cref="LookedAt"/> says that it was.</summary>
    public Assignment? Found { get; set; }

    /// <summary>Of the row that keeps the assignment's place, see <see cref="UserFences"/>; null when there was none.</summary>
    public ETag? Fence { get; set; }

    /// <summary>When storage was asked for the assignment on behalf of this request, or null.</summary>
    public long? LookedAt { get; set; }

    /// <summary>When the license row was current that gave no seat, or null.</summary>
    public long? NoSeatAt { get; set; }

    /// <summary>Whether a transaction with this change may have reached storage without a reply.</summary>
    public bool Uncertain { get; set; }

    public TaskCompletionSource<ChangeResult> Reply { get; private set; } = NewReply();

    /// <summary>To be called before it is queued again.</summary>
    public void Renew() => Reply = NewReply();

    // The writer must not run its callers' continuations in its own loop.
    private static TaskCompletionSource<ChangeResult> NewReply() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What the writer says of a change.</summary>
internal abstract record ChangeResult
{
    private ChangeResult()
    {
    }

    /// <param name="Assignment">As stored now; null when the change deleted it.</param>
    public sealed record Done(Assignment? Assignment, License License) : ChangeResult;

    public sealed record Refused(Refusal Refusal) : ChangeResult;

    public sealed record AssignmentNotFound : ChangeResult;

    public sealed record LicenseNotFound : ChangeResult;

    /// <summary>It can not be decided from memory: read the assignment and queue again.</summary>
    public sealed record LookFirst : ChangeResult;

    /// <summary>The user that was remembered is not whom the request names now: look the user up and begin again.</summary>
    public sealed record UserChanged : ChangeResult;

    public sealed record Unavailable(string Why) : ChangeResult;
}

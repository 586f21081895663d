using System.Diagnostics;
using Azure;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;

namespace Licensing.Commit;

/// <summary>A request on its way through its license's writer, with what is known of the assignment it is about.</summary>
internal sealed class PendingChange(AssignmentRequest request, long deadline)
{
    private TaskCompletionSource<WriterReply> _reply = NewReply();

    public AssignmentRequest Request { get; } = request;

    /// <summary>When its caller waits no longer: a timestamp of <see cref="TimeProvider"/>.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>The activity that asked, or none.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whose assignment it is.</summary>
    public required long UserId { get; init; }

    /// <summary>Whom a put names; null for a delete.</summary>
    public NamedUser? Named { get; init; }

    /// <summary>The id to use when the assignment must be created, or null when none was taken yet.</summary>
    public long? NewId { get; set; }

    /// <summary>What was last read for this request, or null.</summary>
    public Look? Look { get; set; }

    /// <summary>Of the row that keeps the assignment's place, see <see cref="UserFences"/>; null when there was none.</summary>
    public ETag? Fence { get; set; }

    /// <summary>Whether a transaction with this change may have reached storage without a reply.</summary>
    public bool Uncertain { get; set; }

    /// <summary>What the writer says of it; storage trouble is a <see cref="Storage.StorageUnavailableException"/>.</summary>
    public Task<WriterReply> Reply => _reply.Task;

    /// <summary>Whether it has waited before: it is not sent to the end of the queue again.</summary>
    public bool IsBack { get; private set; }

    /// <summary>To be called before it is queued again.</summary>
    public void Renew() => (_reply, IsBack) = (NewReply(), true);

    public void Answer(WriterReply reply) => _reply.TrySetResult(reply);

    /// <summary>It is not known to be written: trouble of storage, or a fault that nobody planned.</summary>
    public void Fail(Exception failure) => _reply.TrySetException(failure);

    /// <summary>How the request ends when the assignment is as it asks for.</summary>
    /// <param name="assignment">As stored now; null when it is deleted.</param>
    public AssignmentOutcome OutcomeOf(Assignment? assignment, License license) => assignment is null
        ? new AssignmentOutcome.Deleted()
        : new AssignmentOutcome.Saved(assignment, Named!.User, license) { IsNew = assignment.Id == NewId };

    // The writer must not run its callers' continuations in its own loop.
    private static TaskCompletionSource<WriterReply> NewReply() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What storage said when it was asked for the assignment on behalf of a request.</summary>
/// <param name="Began">Timestamps of <see cref="TimeProvider"/>: the assignment was so in between.</param>
/// <param name="Found">Null when there was none.</param>
internal sealed record Look(long Began, long Ended, Assignment? Found);

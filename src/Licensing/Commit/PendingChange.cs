using System.Diagnostics;
using Azure;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;

namespace Licensing.Commit;

/// <summary>A request in its license's writer, and what was read for it.</summary>
internal sealed class PendingChange(AssignmentRequest request, long deadline)
{
    private TaskCompletionSource<WriterReply> _reply = NewReply();

    public AssignmentRequest Request { get; } = request;

    /// <summary>When its caller stops waiting; a timestamp of <see cref="TimeProvider"/>.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>The activity of the request, or default if there is none.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    public required long UserId { get; init; }

    /// <summary>The user that a put names; null for a delete.</summary>
    public NamedUser? Named { get; init; }

    /// <summary>The id for a new assignment, or null if none has been taken yet.</summary>
    public long? NewId { get; set; }

    /// <summary>The last read of the assignment for this request, or null.</summary>
    public Look? Look { get; set; }

    /// <summary>The ETag of the fence that the assignment will replace, see <see cref="UserFences"/>; null if there is none.</summary>
    public ETag? Fence { get; set; }

    /// <summary>Whether a transaction with this change got no reply, so that it may have been written.</summary>
    public bool Uncertain { get; set; }

    /// <summary>The writer's reply. Storage failures are a <see cref="Storage.StorageUnavailableException"/>.</summary>
    public Task<WriterReply> Reply => _reply.Task;

    /// <summary>Whether the change was queued before; if so, it goes to the front.</summary>
    public bool IsBack { get; private set; }

    /// <summary>Call this before queuing the change again.</summary>
    public void Renew() => (_reply, IsBack) = (NewReply(), true);

    public void SetReply(WriterReply reply) => _reply.TrySetResult(reply);

    /// <summary>Ends the change with a storage failure or a defect. It may have been written.</summary>
    public void Fail(Exception failure) => _reply.TrySetException(failure);

    /// <summary>Returns the outcome if the assignment is stored as requested.</summary>
    /// <param name="assignment">The stored assignment; null if it was deleted.</param>
    public AssignmentOutcome OutcomeOf(Assignment? assignment, License license) => assignment is null
        ? new AssignmentOutcome.Deleted()
        : new AssignmentOutcome.Saved(assignment, Named!.User, license) { IsNew = assignment.Id == NewId };

    // Callers' continuations must not run in the writer's loop.
    private static TaskCompletionSource<WriterReply> NewReply() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

using System.Diagnostics;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The only writer of a license in this instance. It decides all queued changes against the license as last read,
/// writes them in one entity group transaction, replies, and continues with the changes queued since. A single request
/// is written immediately.
/// </summary>
/// <remarks>
/// It exists only while requests are queued. It never reads an assignment: a request that needs that is told to read it
/// and queue again, so that it does not delay the others.
/// </remarks>
/// <param name="retire">Called once, when the queue is empty and just before <see cref="Retired"/> completes.</param>
internal sealed class LicenseWriter(
    LicenseSeats seats, GroupCommit commit, KnownAssignments known, TimeProvider time, TaskScheduler scheduler, Action<LicenseWriter> retire)
{
    /// <summary>Changes considered for one transaction, which has room for up to 49 creates.</summary>
    private const int MaxConsidered = 128;

    private readonly ChangeQueue _queue = new(time);
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Changes taken from the queue that have no reply and were not put back.</summary>
    private List<PendingChange> _considered = [];
    private volatile Pace _pace = Pace.Unknown;

    /// <summary>Completes when every queued change has a reply and the writer has stopped.</summary>
    public Task Retired => _retired.Task;

    /// <summary>Queues a change. Returns false if this writer has retired and a new one is needed.</summary>
    public bool TryEnqueue(PendingChange change)
    {
        bool isHere = _queue.TryEnqueue(change, _pace, out bool starts);
        if (starts)
        {
            // The writer outlives the request that starts it, so it must not capture that request's context.
            using AsyncFlowControl flow = ExecutionContext.SuppressFlow();
            _ = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
        }

        return isHere;
    }

    private async Task RunAsync()
    {
        while (TakeNext())
        {
            try
            {
                await RoundAsync();
            }
            catch (Exception exception)
            {
                // A defect: the callers must learn of it, and the writer must not stop while requests are queued.
                _considered.ForEach(change => change.Fail(exception));
                seats.Forget();
            }
        }
    }

    /// <summary>Takes the next changes. If there are none, retires and returns false.</summary>
    private bool TakeNext()
    {
        _considered = _queue.Take(MaxConsidered);
        if (_considered.Count > 0)
        {
            return true;
        }

        // Remove it first, so that whoever awaits Retired no longer finds it.
        retire(this);
        _retired.SetResult();
        return false;
    }

    /// <summary>Decides, writes and answers one group. Puts back the changes that cannot be part of it.</summary>
    private async Task RoundAsync()
    {
        long began = time.GetTimestamp();
        if (await ReadLicenseAsync() is not { } snapshot)
        {
            return;
        }

        long doneBy = time.GetTimestamp() + Ticks(_pace.Group);
        DateTimeOffset now = time.GetUtcNow();
        GroupDecision decision = new(_considered, seats.Plan(snapshot, now), known, now, doneBy);
        seats.WantsAll = decision.WantsAll;
        _queue.PutBack(decision.Later);
        ChangeGroup group = decision.Group;
        _considered = [.. group.Members.Select(member => member.Change)];
        FailAll(decision.TooLate, "The change cannot be written before its deadline.");
        foreach ((PendingChange change, WriterReply reply) in decision.Replies)
        {
            Reply(change, reply);
        }

        if (group.Members.Count > 0)
        {
            using Activity? activity = CommitTelemetry.StartCommit(group);
            CommitResult result = await commit.WriteAsync(group);
            seats.Learn(group, result);
            Conclude(group, result);
            await commit.GatherAsync();
            _pace = _pace.After(time.GetElapsedTime(began), group.Members.Count, decision.IsFull);
        }
    }

    /// <summary>Returns the license, or null if all changes got their replies because it does not exist or cannot be read.</summary>
    private async Task<LicenseSnapshot?> ReadLicenseAsync()
    {
        try
        {
            LicenseSnapshot snapshot = await seats.ReadAsync();
            if (snapshot.Row is not null)
            {
                return snapshot;
            }

            _considered.ForEach(change => Reply(change, new WriterReply.Settled(new AssignmentOutcome.LicenseNotFound())));
            return null;
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            FailAll(_considered, "The license could not be read.", exception);
            if (StorageFault.KindOf(exception) != StorageFaultKind.NoReply)
            {
                FailAll(_queue.TakeAll(), "Storage is out of reach.", exception);
            }

            return null;
        }
    }

    private void Conclude(ChangeGroup group, CommitResult result)
    {
        switch (result)
        {
            case CommitResult.Written or CommitResult.WrittenBefore:
                Written(group);
                break;
            case CommitResult.Overtaken(var culprit):
                Overtaken(group, culprit);
                break;
            case CommitResult.Rejected(var failure, var culprit):
                Rejected(group, failure, culprit);
                break;
            case CommitResult.Unreachable(var failure):
                NotWritten(group, "Storage is out of reach.", failure);
                FailAll(_queue.TakeAll(), "Storage is out of reach.", failure);
                break;
            case CommitResult.NoReply(var failure):
                NotWritten(group, "Storage did not answer in time.", failure);
                break;
        }
    }

    private void Written(ChangeGroup group)
    {
        License license = group.Plan.Snapshot.Counted;
        foreach (ChangeGroup.Member member in group.Members)
        {
            if (member.After is null)
            {
                Forget(member.Change);
            }
            else
            {
                known.Set(member.After);
            }

            Reply(member.Change, new WriterReply.Settled(member.Change.OutcomeOf(member.After, license)));
        }

        // Last, so that metric listeners do not delay the replies.
        CommitTelemetry.Committed(group);
    }

    /// <summary>
    /// Another writer changed a row first. The request whose assignment it was reads it again; the others are queued again.
    /// After a second failure in a row, all requests that have not read their assignments do so, because a group with many
    /// stale members would otherwise need as many attempts.
    /// </summary>
    /// <param name="culprit">The member whose action failed; null if it was a row that counts seats.</param>
    private void Overtaken(ChangeGroup group, ChangeGroup.FailedMember? culprit)
    {
        if (culprit is { IdIsInUse: true })
        {
            culprit.Member.Change.NewId = null;
        }

        bool everyoneLooks = culprit is not null && commit.Failures > 1;
        ILookup<bool, PendingChange> looks = group.Members.ToLookup(
            member => member == culprit?.Member || (everyoneLooks && member.Change.Look is null), member => member.Change);
        _queue.PutBack(looks[false]);
        foreach (PendingChange change in looks[true])
        {
            Forget(change);
            Reply(change, new WriterReply.LookFirst(Overtaken: change == culprit!.Member.Change));
        }
    }

    /// <summary>Fails the member whose action was rejected, or all if it is unknown. The others are queued again.</summary>
    private void Rejected(ChangeGroup group, Exception failure, ChangeGroup.Member? culprit)
    {
        ILookup<bool, PendingChange> told = group.Members.ToLookup(
            member => culprit is null || member == culprit, member => member.Change);
        _queue.PutBack(told[false]);
        foreach (PendingChange change in told[true])
        {
            change.Fail(failure);
        }
    }

    private void NotWritten(ChangeGroup group, string why, Exception failure)
    {
        group.Members.ForEach(member => Forget(member.Change));
        FailAll(group.Members.Select(member => member.Change), why, failure);
    }

    private void Forget(PendingChange change) => known.Remove(change.Request.Platform, change.UserId, change.Request.LicenseId);

    private static void FailAll(IEnumerable<PendingChange> changes, string why, Exception? cause = null)
    {
        foreach (PendingChange change in changes)
        {
            change.Fail(new StorageUnavailableException(why, cause));
        }
    }

    private static void Reply(PendingChange change, WriterReply reply)
    {
        change.SetReply(reply);
        if (reply is WriterReply.Settled { Outcome: AssignmentOutcome.Refused(var refusal, _) })
        {
            CommitTelemetry.Refused(refusal);
        }
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}

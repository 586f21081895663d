using System.Diagnostics;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The one writer of a license in this instance. Requests queue; it decides what waits against the license row as it
/// last saw it, writes all of it in one entity group transaction, answers, and takes what has come meanwhile. A
/// request that comes alone is written at once.
/// </summary>
/// <remarks>
/// It exists while requests wait, and never reads an assignment: a request that needs that is sent to look by itself
/// and queue again, so that it holds up no one.
/// </remarks>
/// <param name="retire">Called once, when nothing waits any more and just before it says so.</param>
internal sealed class LicenseWriter(
    LicenseSeats seats, GroupCommit commit, KnownAssignments known, TimeProvider time, TaskScheduler scheduler, Action<LicenseWriter> retire)
{
    /// <summary>How many are looked at for one transaction, which takes up to 49 creates.</summary>
    private const int MaxConsidered = 128;

    private readonly ChangeQueue _queue = new(time);
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Taken from the queue and neither answered nor put back.</summary>
    private List<PendingChange> _considered = [];
    private volatile Pace _pace = Pace.Unknown;

    /// <summary>Completes when all that was queued has been answered and the writer is gone.</summary>
    public Task Retired => _retired.Task;

    /// <summary>False when this writer has gone; another one takes its place then.</summary>
    public bool TryEnqueue(PendingChange change)
    {
        bool isHere = _queue.TryEnqueue(change, _pace, out bool starts);
        if (starts)
        {
            // It goes on for others when the request that started it has long been answered, so it keeps nothing of that one.
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
                // Nobody planned this; the callers must learn of it, and the writer must not die with requests queued.
                _considered.ForEach(change => change.Fail(exception));
                seats.Forget();
            }
        }
    }

    /// <summary>Takes what is to be considered next; false, and retired, when nothing waits.</summary>
    private bool TakeNext()
    {
        _considered = _queue.Take(MaxConsidered);
        if (_considered.Count > 0)
        {
            return true;
        }

        // Removed first: who waits for it to retire finds it gone.
        retire(this);
        _retired.SetResult();
        return false;
    }

    /// <summary>One group: decide, write, answer. What cannot be part of it is put back.</summary>
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
        FailAll(decision.TooLate, "There is no time left to write it.");
        foreach ((PendingChange change, WriterReply reply) in decision.Answers)
        {
            Answer(change, reply);
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

    /// <summary>The license as last seen, or read now when that does not do; null when all that waited were answered.</summary>
    private async Task<LicenseSnapshot?> ReadLicenseAsync()
    {
        try
        {
            LicenseSnapshot snapshot = await seats.ReadAsync();
            if (snapshot.Row is not null)
            {
                return snapshot;
            }

            _considered.ForEach(change => Answer(change, new WriterReply.Settled(new AssignmentOutcome.LicenseNotFound())));
            return null;
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            FailAll(_considered, "The license could not be read.", exception);
            if (StorageFault.TroubleOf(exception) != StorageTrouble.NoReply)
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

            Answer(member.Change, new WriterReply.Settled(member.Change.OutcomeOf(member.After, license)));
        }

        // Last: what listens to this must not stand between a written change and its answer.
        CommitTelemetry.Committed(group);
    }

    /// <summary>
    /// Another writer was faster. The one whose assignment it was looks again by itself; the others go on at once. When
    /// that happens twice running, all that have not looked do so, or a group of many such would take as many tries.
    /// </summary>
    /// <param name="culprit">Whose action failed; null when it was a row that counts seats.</param>
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
            Answer(change, new WriterReply.LookFirst(Overtaken: change == culprit!.Member.Change));
        }
    }

    /// <summary>Whose action storage named is told; the others go on without it. When it named none, all are told.</summary>
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

    private static void Answer(PendingChange change, WriterReply reply)
    {
        change.Answer(reply);
        if (reply is WriterReply.Settled { Outcome: AssignmentOutcome.Refused(var refusal, _) })
        {
            CommitTelemetry.Refused(refusal);
        }
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}

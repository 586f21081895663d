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
internal sealed class LicenseWriter(string platform, long licenseId, CommitServices services, Action<LicenseWriter> retire)
{
    /// <summary>How many are looked at for one transaction, which takes up to 49 creates.</summary>
    private const int MaxConsidered = 128;

    private readonly ChangeQueue _queue = new(services.Time);
    private readonly LicenseSeats _seats = new(platform, licenseId, services);
    private readonly GroupCommit _commit = new(services);
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
            _ = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, services.Scheduler);
        }

        return isHere;
    }

    private async Task RunAsync()
    {
        while (await NextAsync())
        {
            try
            {
                await RoundAsync();
            }
            catch (Exception exception)
            {
                // Nobody planned this; the callers must learn of it, and the writer must not die with requests queued.
                _considered.ForEach(change => change.Reply.TrySetException(exception));
                _seats.Forget();
            }
        }
    }

    /// <summary>Takes what is to be considered next; false, and retired, when nothing waits.</summary>
    private async Task<bool> NextAsync()
    {
        await _commit.GatherAsync();
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
        long began = services.Time.GetTimestamp();
        if (await ReadLicenseAsync() is not { } snapshot)
        {
            return;
        }

        long doneBy = services.Time.GetTimestamp() + Ticks(_pace.Group);
        DateTimeOffset now = services.Time.GetUtcNow();
        GroupDecision decision = new(_considered, _seats.Plan(snapshot, now), services.Known, now, doneBy);
        _seats.WantsAll = decision.WantsAll;
        _queue.PutBack(decision.Later);
        ChangeGroup group = decision.Group;
        _considered = [.. group.Members.Select(member => member.Change)];
        foreach ((PendingChange change, ChangeResult result) in decision.Answers)
        {
            Answer(change, result);
        }

        if (group.Members.Count > 0)
        {
            using Activity? activity = CommitTelemetry.StartCommit(group);
            CommitResult result = await _commit.WriteAsync(group);
            _pace = _pace.After(services.Time.GetElapsedTime(began), group.Members.Count, decision.IsFull);
            _seats.Learn(group, result);
            Conclude(group, result);
        }
    }

    /// <summary>The license as last seen, or read now when that does not do; null when all that waited were answered.</summary>
    private async Task<LicenseSnapshot?> ReadLicenseAsync()
    {
        try
        {
            LicenseSnapshot snapshot = await _seats.ReadAsync();
            if (snapshot.Row is not null)
            {
                return snapshot;
            }

            AnswerAll(_considered, new ChangeResult.LicenseNotFound());
            return null;
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            AnswerAll(_considered, new ChangeResult.Unavailable("The license could not be read.", exception));
            if (StorageFault.TroubleOf(exception) != StorageTrouble.NoReply)
            {
                AnswerAll(_queue.TakeAll(), new ChangeResult.Unavailable("Storage is out of reach.", exception));
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
                NotWritten(group, new ChangeResult.Unavailable("Storage is out of reach.", failure));
                AnswerAll(_queue.TakeAll(), new ChangeResult.Unavailable("Storage is out of reach.", failure));
                break;
            case CommitResult.NoReply(var failure):
                NotWritten(group, new ChangeResult.Unavailable("Storage did not answer in time.", failure));
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
                services.Known.Remove(platform, member.Change.UserId, licenseId);
            }
            else
            {
                services.Known.Set(member.After);
            }

            Answer(member.Change, new ChangeResult.Done(member.After, license));
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

        bool everyoneLooks = culprit is not null && _commit.Failures > 1;
        ILookup<bool, PendingChange> looks = group.Members.ToLookup(
            member => member == culprit?.Member || (everyoneLooks && member.Change.Look is null), member => member.Change);
        _queue.PutBack(looks[false]);
        foreach (PendingChange change in looks[true])
        {
            services.Known.Remove(platform, change.UserId, licenseId);
            Answer(change, new ChangeResult.LookFirst(Overtaken: change == culprit!.Member.Change));
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
            change.Reply.TrySetException(failure);
        }
    }

    private void NotWritten(ChangeGroup group, ChangeResult.Unavailable result)
    {
        foreach (ChangeGroup.Member member in group.Members)
        {
            services.Known.Remove(platform, member.Change.UserId, licenseId);
            Answer(member.Change, result);
        }
    }

    private static void AnswerAll(IEnumerable<PendingChange> changes, ChangeResult result)
    {
        foreach (PendingChange change in changes)
        {
            Answer(change, result);
        }
    }

    private static void Answer(PendingChange change, ChangeResult result)
    {
        change.Reply.TrySetResult(result);
        if (result is ChangeResult.Refused(var refusal, _))
        {
            CommitTelemetry.Refused(refusal);
        }
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * services.Time.TimestampFrequency);
}

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
    /// <summary>Maximum requests queued for a license. Further requests are rejected at once with 503.</summary>
    internal const int MaxWaiting = 8_192;

    /// <summary>How many are looked at for one transaction, which takes up to 49 creates.</summary>
    private const int MaxConsidered = 128;

    private readonly Queue<PendingChange> _waiting = new();

    /// <summary>Those that have waited before; they are next.</summary>
    private readonly List<PendingChange> _next = [];

    /// <summary>Taken from the queue and neither answered nor put back.</summary>
    private readonly List<PendingChange> _considered = [];
    private readonly GroupCommit _commit = new(services);
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Pace _pace = Pace.Unknown;
    private bool _needsNewerLicense;
    private bool _running;

    public string Platform => platform;

    public long LicenseId => licenseId;

    /// <summary>Completes when all that was queued has been answered and the writer is gone.</summary>
    public Task Retired => _retired.Task;

    /// <summary>False when this writer has gone; another one takes its place then.</summary>
    public bool TryEnqueue(PendingChange change)
    {
        lock (_waiting)
        {
            if (Retired.IsCompleted)
            {
                return false;
            }

            if (change.IsBack)
            {
                _next.Add(change);
            }
            else if (_waiting.Count < MaxWaiting && _pace.Allows(ahead: _next.Count + _waiting.Count, Left(change)))
            {
                _waiting.Enqueue(change);
            }
            else
            {
                change.Reply.SetResult(new ChangeResult.Unavailable("Too many requests wait for this license."));
                return true;
            }

            CommitTelemetry.Waiting(1);
            if (!_running)
            {
                _running = true;
                // It goes on for others when the request that started it has long been answered, so it keeps nothing of that one.
                ThreadPool.UnsafeQueueUserWorkItem(static writer => _ = writer.RunAsync(), this, preferLocal: true);
            }

            return true;
        }
    }

    private async Task RunAsync()
    {
        while (TakeWaiting())
        {
            try
            {
                await RoundAsync();
            }
            catch (Exception exception)
            {
                // Nobody planned this; the callers must learn of it, and the writer must not die with requests queued.
                _considered.ForEach(change => change.Reply.TrySetException(exception));
                services.Licenses.Forget(platform, licenseId);
            }

            _considered.Clear();
        }
    }

    /// <summary>Takes what is to be considered next; false, and retired, when nothing waits.</summary>
    private bool TakeWaiting()
    {
        lock (_waiting)
        {
            int back = Math.Min(_next.Count, MaxConsidered);
            _considered.AddRange(_next.Take(back));
            _next.RemoveRange(0, back);
            while (_considered.Count < MaxConsidered && _waiting.TryDequeue(out PendingChange? change))
            {
                _considered.Add(change);
            }

            CommitTelemetry.Waiting(-_considered.Count);
            if (_considered.Count > 0)
            {
                return true;
            }

            // Removed first: who waits for it to retire finds it gone.
            retire(this);
            _retired.SetResult();
            return false;
        }
    }

    /// <summary>Has changes considered again, before all others.</summary>
    private void PutBack(IEnumerable<PendingChange> changes)
    {
        lock (_waiting)
        {
            int before = _next.Count;
            _next.InsertRange(0, changes);
            CommitTelemetry.Waiting(_next.Count - before);
        }
    }

    /// <summary>One group: decide, write, answer. What cannot be part of it is put back.</summary>
    private async Task RoundAsync()
    {
        long began = services.Time.GetTimestamp();
        if (await ReadLicenseAsync() is not { License: { } license } snapshot)
        {
            return;
        }

        long doneBy = services.Time.GetTimestamp() + Ticks(_pace.Group);
        GroupDecision decision = new(_considered, snapshot, license, services.Known, services.Time.GetUtcNow(), doneBy);
        _needsNewerLicense = decision.NeedsNewerLicense;
        PutBack(decision.Later);
        ChangeGroup group = decision.Group;
        _considered.Clear();
        _considered.AddRange(group.Members.Select(member => member.Change));
        foreach ((PendingChange change, ChangeResult result) in decision.Answers)
        {
            Answer(change, result);
        }

        if (group.Members.Count > 0)
        {
            using Activity? activity = CommitTelemetry.StartCommit(group);
            CommitResult result = await _commit.WriteAsync(group);
            _pace = _pace.After(services.Time.GetElapsedTime(began), group.Members.Count, decision.IsFull);
            Conclude(group, result);
        }
    }

    /// <summary>The license as last seen, or read now when that does not do; null when all that waited were answered.</summary>
    private async Task<LicenseSnapshot?> ReadLicenseAsync()
    {
        if (!_needsNewerLicense && services.Licenses.Remembered(platform, licenseId) is { } remembered)
        {
            return remembered;
        }

        try
        {
            using CancellationTokenSource deadline = new(Deadlines.Request, services.Time);
            LicenseSnapshot snapshot = await services.Licenses.ReadAsync(platform, licenseId, deadline.Token);
            if (snapshot.License is not null)
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
                AnswerAllWaiting(exception);
            }

            return null;
        }
    }

    private void Conclude(ChangeGroup group, CommitResult result)
    {
        switch (result)
        {
            case CommitResult.Written(var etag, var asOf):
                Written(group, etag is null ? null : new LicenseSnapshot(group.License, etag.Value, asOf, group.Snapshot.UnchangedSince));
                break;
            case CommitResult.WrittenBefore:
                Written(group, snapshot: null);
                break;
            case CommitResult.Overtaken(var culprit):
                Overtaken(group, culprit);
                break;
            case CommitResult.Rejected(var failure, var culprit):
                Rejected(group, failure, culprit);
                break;
            case CommitResult.Unreachable(var failure):
                NotWritten(group, new ChangeResult.Unavailable("Storage is out of reach.", failure));
                AnswerAllWaiting(failure);
                break;
            case CommitResult.NoReply(var failure):
                NotWritten(group, new ChangeResult.Unavailable("Storage did not answer in time.", failure));
                break;
        }
    }

    /// <param name="snapshot">The license row as the group left it; null when it is not known or no seat moved.</param>
    private void Written(ChangeGroup group, LicenseSnapshot? snapshot)
    {
        if (snapshot is not null)
        {
            services.Licenses.Remember(platform, licenseId, snapshot);
        }
        else if (group.MovesSeats)
        {
            services.Licenses.Forget(platform, licenseId);
        }

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

            Answer(member.Change, new ChangeResult.Done(member.After, group.License));
        }

        // Last: what listens to this must not stand between a written change and its answer.
        CommitTelemetry.Committed(group);
    }

    /// <summary>
    /// Another writer was faster. The one whose assignment it was looks again by itself; the others go on at once. When
    /// that happens twice running, all that have not looked do so, or a group of many such would take as many tries.
    /// </summary>
    /// <param name="culprit">Whose action failed; null when it was the license row.</param>
    private void Overtaken(ChangeGroup group, ChangeGroup.Member? culprit)
    {
        if (culprit is null)
        {
            services.Licenses.Forget(platform, licenseId);
        }

        bool everyoneLooks = culprit is not null && _commit.Failures > 1;
        ILookup<bool, PendingChange> looks = group.Members.ToLookup(
            member => member == culprit || (everyoneLooks && member.Change.Look is null), member => member.Change);
        PutBack(looks[false]);
        foreach (PendingChange change in looks[true])
        {
            services.Known.Remove(platform, change.UserId, licenseId);
            Answer(change, new ChangeResult.LookFirst(Overtaken: change == culprit!.Change));
        }
    }

    /// <summary>Whose action storage named is told; the others go on without it. When it named none, all are told.</summary>
    private void Rejected(ChangeGroup group, Exception failure, ChangeGroup.Member? culprit)
    {
        services.Licenses.Forget(platform, licenseId);
        ILookup<bool, PendingChange> told = group.Members.ToLookup(
            member => culprit is null || member == culprit, member => member.Change);
        PutBack(told[false]);
        foreach (PendingChange change in told[true])
        {
            change.Reply.TrySetException(failure);
        }
    }

    private void NotWritten(ChangeGroup group, ChangeResult.Unavailable result)
    {
        services.Licenses.Forget(platform, licenseId);
        foreach (ChangeGroup.Member member in group.Members)
        {
            services.Known.Remove(platform, member.Change.UserId, licenseId);
            Answer(member.Change, result);
        }
    }

    /// <summary>Nothing can be written now, so nobody is let wait for it.</summary>
    private void AnswerAllWaiting(Exception cause)
    {
        PendingChange[] waiting;
        lock (_waiting)
        {
            waiting = [.. _next, .. _waiting];
            _next.Clear();
            _waiting.Clear();
            CommitTelemetry.Waiting(-waiting.Length);
        }

        AnswerAll(waiting, new ChangeResult.Unavailable("Storage is out of reach.", cause));
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

    private TimeSpan Left(PendingChange change) => services.Time.GetElapsedTime(services.Time.GetTimestamp(), change.Deadline);

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * services.Time.TimestampFrequency);
}

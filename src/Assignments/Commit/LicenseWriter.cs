using System.Diagnostics;
using Assignments.Storage;
using Assignments.Telemetry;
using Azure;
using Azure.Data.Tables;

namespace Assignments.Commit;

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
    /// <summary>Requests that may wait for one license; past that they are told at once to come again.</summary>
    internal const int MaxWaiting = 8_192;

    /// <summary>How many are looked at for one transaction, which takes up to 49 creates.</summary>
    private const int MaxConsidered = 128;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMilliseconds(500);

    private readonly Queue<PendingChange> _waiting = new();
    private readonly List<PendingChange> _considered = [];
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _running;

    /// <summary>Transactions in a row that another instance's writer was faster than, or that did not come through.</summary>
    private int _failures;

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

            if (_waiting.Count >= MaxWaiting)
            {
                change.Reply.SetResult(new ChangeResult.Unavailable("Too many requests wait for this license."));
                return true;
            }

            _waiting.Enqueue(change);
            CommitTelemetry.Waiting(1);
            if (_running)
            {
                return true;
            }

            _running = true;
        }

        _ = RunAsync();
        return true;
    }

    private async Task RunAsync()
    {
        // It goes on for others when the request that started it has long been answered.
        Activity.Current = null;
        while (TakeWaiting())
        {
            try
            {
                await RoundAsync();
            }
            catch (Exception exception)
            {
                // Nobody planned this; the callers must learn of it, and the writer must not die with requests queued.
                foreach (PendingChange change in _considered)
                {
                    change.Reply.TrySetException(exception);
                }

                _considered.Clear();
                services.Licenses.Forget(platform, licenseId);
            }
        }
    }

    /// <summary>Fills up what is to be considered next; false, and retired, when nothing waits.</summary>
    private bool TakeWaiting()
    {
        lock (_waiting)
        {
            int before = _considered.Count;
            while (_considered.Count < MaxConsidered && _waiting.TryDequeue(out PendingChange? change))
            {
                _considered.Add(change);
            }

            CommitTelemetry.Waiting(before - _considered.Count);

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

    /// <summary>One group: decide, write, answer. What could not be part of it stays to be considered again.</summary>
    private async Task RoundAsync()
    {
        LicenseSnapshot? snapshot = services.Licenses.Remembered(platform, licenseId);
        if (snapshot is null || _considered.Exists(change => NeedsNewer(change, snapshot)))
        {
            try
            {
                using CancellationTokenSource deadline = new(Deadlines.Request, services.Time);
                snapshot = await services.Licenses.ReadAsync(platform, licenseId, deadline.Token);
            }
            catch (Exception exception) when (StorageFault.IsTransient(exception))
            {
                AnswerAll(_considered, new ChangeResult.Unavailable("The license could not be read."));
                _considered.Clear();
                return;
            }
        }

        if (snapshot.License is not { } license)
        {
            AnswerAll(_considered, new ChangeResult.LicenseNotFound());
            _considered.Clear();
            return;
        }

        ChangeGroup group = Decide(snapshot, license);
        if (group.Members.Count == 0)
        {
            return;
        }

        try
        {
            await CommitAsync(group);
        }
        catch (Exception exception)
        {
            group.Members.ForEach(member => member.Change.Reply.TrySetException(exception));
            throw;
        }
    }

    /// <summary>A refusal must rest on a license row that was current after the request came.</summary>
    private static bool NeedsNewer(PendingChange change, LicenseSnapshot snapshot) =>
        change.NoSeatAt is { } noSeatAt && noSeatAt < change.Arrived && snapshot.AsOf < change.Arrived;

    /// <summary>Answers what needs no writing and gathers the rest, as much as fits, into a group.</summary>
    private ChangeGroup Decide(LicenseSnapshot snapshot, License license)
    {
        DateTimeOffset now = services.Time.GetUtcNow();
        long timestamp = services.Time.GetTimestamp();
        ChangeGroup group = new(snapshot, license, now);
        bool full = false;
        List<PendingChange> later = [];
        foreach (PendingChange change in _considered)
        {
            if (full || group.Holds(change.UserId))
            {
                later.Add(change);
            }
            else if (timestamp >= change.Deadline)
            {
                change.Reply.SetResult(new ChangeResult.Unavailable("Storage was too slow."));
            }
            else
            {
                Assignment? current = Newest(change);
                switch (Decision.For(change.Request, group.License, current, now))
                {
                    case Decision.Save(var wanted) when current is null && change.NewId is null:
                        change.Reply.SetResult(new ChangeResult.LookFirst());
                        break;
                    case Decision.Save(var wanted):
                        full = !group.TryAdd(change, current, wanted);
                        break;
                    case Decision.Remove:
                        full = !group.TryAdd(change, current, wanted: null);
                        break;
                    case Decision.Refuse(var refusal) when change.NoSeatAt >= change.Arrived && change.LookedAt >= change.NoSeatAt:
                        CommitTelemetry.Refused(refusal);
                        change.Reply.SetResult(new ChangeResult.Refused(refusal, group.License));
                        break;
                    case Decision.Refuse when group.MovesSeats:
                        // The seats this group takes are not taken until it is written.
                        later.Add(change);
                        break;
                    case Decision.Refuse when snapshot.AsOf < change.Arrived:
                        change.NoSeatAt = snapshot.AsOf;
                        later.Add(change);
                        break;
                    case Decision.Refuse:
                        // The user may hold a seat already. Looked up after the license was seen to give none, the
                        // answer is right even when the last seat went to this very user in between.
                        change.NoSeatAt = snapshot.AsOf;
                        change.Reply.SetResult(new ChangeResult.LookFirst());
                        break;
                    case Decision.NotFound when change.LookedAt is null:
                    case Decision.Keep when change.Found is null:
                        // What is only remembered may be gone, even when it was remembered after this request's look.
                        change.Reply.SetResult(new ChangeResult.LookFirst());
                        break;
                    case Decision.Keep:
                        change.Reply.SetResult(new ChangeResult.Done(current, license));
                        break;
                    default:
                        change.Reply.SetResult(new ChangeResult.AssignmentNotFound());
                        break;
                }

                if (full)
                {
                    later.Add(change);
                }
            }
        }

        _considered.Clear();
        _considered.AddRange(later);
        return group;
    }

    /// <summary>
    /// The assignment as this instance last saw it: by this request's own look, or by another's since. Versions tell
    /// which is newer; ids do not, because each instance has its own block of them: then the request's own look counts.
    /// </summary>
    private Assignment? Newest(PendingChange change)
    {
        Assignment? known = services.Known.Get(platform, change.UserId, licenseId);
        Assignment? found = change.Found;
        return found is null || (known?.Id == found.Id && known.Version > found.Version) ? known : found;
    }

    private async Task CommitAsync(ChangeGroup group)
    {
        using Activity? activity = CommitTelemetry.StartCommit(group);
        List<TableTransactionAction> transaction = group.ToTransaction();
        while (true)
        {
            long asOf = services.Time.GetTimestamp();
            RequestFailedException? conflict = null;
            TimeSpan? retryAfter = null;
            try
            {
                using CancellationTokenSource deadline = new(Until(group.Deadline), services.Time);
                Response<IReadOnlyList<Response>> response =
                    await services.Tables.Assignments.SubmitTransactionAsync(transaction, deadline.Token);
                Committed(group, group.MovesSeats ? response.Value[0].Headers.ETag : group.Snapshot.ETag, asOf);
                return;
            }
            catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
            {
                conflict = exception;
            }
            catch (Exception exception) when (StorageFault.IsTransient(exception))
            {
                group.MarkUncertain();
                retryAfter = RetryAfter(exception);
            }
            catch (Exception exception)
            {
                Refused(group, exception);
                return;
            }

            _failures++;
            ChangeGroup.Member? culprit = conflict is TableTransactionFailedException { FailedTransactionActionIndex: { } index }
                ? group.FailedAt(index)
                : null;
            if (conflict is not null)
            {
                CommitTelemetry.Conflict();
            }

            if (culprit is null)
            {
                await BackOffAsync(group, retryAfter);
            }

            switch (await WentThroughAsync(group))
            {
                case true:
                    Committed(group, etag: null, asOf);
                    return;
                case false when conflict is not null:
                    Conflict(group, culprit);
                    return;
                default:
                    if (services.Time.GetTimestamp() >= group.Deadline)
                    {
                        GiveUp(group);
                        return;
                    }

                    break;
            }
        }
    }

    /// <summary>
    /// Whether all of the group is in storage by an earlier try, whose reply was lost; null when storage does not say.
    /// All of a transaction is in storage or none, but one member's history record does not tell for all: it may be of
    /// a transaction that storage was late with, and that had other members.
    /// </summary>
    private async Task<bool?> WentThroughAsync(ChangeGroup group)
    {
        if (!group.Members.Exists(member => member.Change.Uncertain))
        {
            return false;
        }

        try
        {
            using CancellationTokenSource deadline = new(Until(group.Deadline), services.Time);
            foreach (ChangeGroup.Member member in group.Members)
            {
                TableEntity? record = await services.Tables.Assignments.FindAsync(
                    TableKey.Escape(platform), TableKey.Change(member.AssignmentId, member.Version), deadline.Token);
                if (record is null || AssignmentRows.ToChange(platform, record).WriteId != member.Change.Request.WriteId)
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            return null;
        }
    }

    private void Committed(ChangeGroup group, ETag? etag, long asOf)
    {
        _failures = 0;
        CommitTelemetry.Committed(group);
        if (etag is { } current)
        {
            services.Licenses.Remember(platform, licenseId, group.MovesSeats
                ? new LicenseSnapshot(group.License, current, asOf)
                : group.Snapshot);
        }
        else
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

            member.Change.Reply.SetResult(new ChangeResult.Done(member.After, group.License));
        }
    }

    /// <summary>
    /// Somebody else was faster. The one whose assignment it was looks again by itself; the others go on at once. When
    /// that happens twice running, all that have not looked do so, or a group of many such would take as many tries.
    /// </summary>
    /// <param name="culprit">Whose action failed; null when it was the license row.</param>
    private void Conflict(ChangeGroup group, ChangeGroup.Member? culprit)
    {
        if (culprit is null)
        {
            services.Licenses.Forget(platform, licenseId);
        }

        List<PendingChange> again = [];
        foreach (ChangeGroup.Member member in group.Members)
        {
            if (member == culprit || (culprit is not null && _failures > 1 && member.Change.LookedAt is null))
            {
                services.Known.Remove(platform, member.Change.UserId, licenseId);
                member.Change.Reply.SetResult(new ChangeResult.LookFirst());
            }
            else
            {
                again.Add(member.Change);
            }
        }

        _considered.InsertRange(0, again);
    }

    /// <summary>
    /// Storage refused the transaction for a reason that nobody planned. Whose action it named is told; the others go
    /// on without it. When it named none, all are told.
    /// </summary>
    private void Refused(ChangeGroup group, Exception exception)
    {
        services.Licenses.Forget(platform, licenseId);
        ChangeGroup.Member? culprit = exception is TableTransactionFailedException { FailedTransactionActionIndex: { } index }
            ? group.FailedAt(index)
            : null;
        foreach (ChangeGroup.Member member in group.Members.Where(member => culprit is null || member == culprit))
        {
            member.Change.Reply.SetException(exception);
        }

        _considered.InsertRange(0, group.Members.Where(member => culprit is not null && member != culprit).Select(member => member.Change));
    }

    private void GiveUp(ChangeGroup group)
    {
        services.Licenses.Forget(platform, licenseId);
        foreach (ChangeGroup.Member member in group.Members)
        {
            services.Known.Remove(platform, member.Change.UserId, licenseId);
            member.Change.Reply.SetResult(new ChangeResult.Unavailable("Storage did not answer in time."));
        }
    }

    /// <summary>Not after a first failure; then a random while that may grow, so that instances do not stay in step.</summary>
    private async Task BackOffAsync(ChangeGroup group, TimeSpan? retryAfter)
    {
        TimeSpan wait = retryAfter ?? (_failures <= 1
            ? TimeSpan.Zero
            : Min(FirstBackoff * Math.Pow(2, Math.Min(_failures, 10)), LongestBackoff) * Random.Shared.NextDouble());
        wait = Min(wait, Until(group.Deadline));
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, services.Time);
        }
    }

    private TimeSpan Until(long deadline)
    {
        TimeSpan left = services.Time.GetElapsedTime(services.Time.GetTimestamp(), deadline);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static TimeSpan? RetryAfter(Exception exception) =>
        exception is RequestFailedException failed
        && failed.GetRawResponse()?.Headers.TryGetValue("Retry-After", out string? value) == true
        && int.TryParse(value, out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static void AnswerAll(IEnumerable<PendingChange> changes, ChangeResult result)
    {
        foreach (PendingChange change in changes)
        {
            change.Reply.SetResult(result);
        }
    }
}

using System.Collections.Concurrent;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>The writers, one for each license with queued requests.</summary>
internal sealed class LicenseWriters(
    Tables tables,
    LicenseStore licenses,
    OwnAllotments allotments,
    KnownAssignments known,
    TimeProvider time,
    Random random,
    TaskScheduler scheduler) : IAsyncDisposable
{
    /// <summary>Short, because the host kills the process soon after SIGTERM.</summary>
    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string Platform, long LicenseId), LicenseWriter> _writers = new();

    public int Count => _writers.Count;

    public async Task<WriterReply> CommitAsync(PendingChange change)
    {
        (string Platform, long LicenseId) key = (change.Request.Platform, change.Request.LicenseId);
        while (!_writers.GetOrAdd(key, static (key, writers) => writers.Create(key), this).TryEnqueue(change))
        {
            // The writer has just retired; GetOrAdd creates a new one.
        }

        return await change.Reply;
    }

    /// <summary>
    /// Waits until every queued change has a reply, including those whose callers have left; their deadlines limit the
    /// wait. Then returns this instance's allotments to their licenses.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_writers.Values.Select(writer => writer.Retired));
        await Task.WhenAll(allotments.All.Select(each => GiveBackAsync(each.Key.Platform, each.Key.LicenseId, each.Value)));
    }

    private async Task GiveBackAsync(string platform, long licenseId, OwnAllotment own)
    {
        using CancellationTokenSource deadline = new(GivingBack, time);
        bool done = false;
        try
        {
            while (!done)
            {
                LicenseSnapshot snapshot = await licenses.SnapshotAsync(platform, licenseId, deadline.Token);
                done = snapshot.Find(own.Name) is not { } mine || await TryFoldAsync(SeatPlan.Fold(snapshot, mine), deadline.Token);
            }
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            // Other instances can still use these seats, and will fold the allotment when it is idle.
        }
    }

    /// <summary>Returns false if another writer changed one of the rows first.</summary>
    private async Task<bool> TryFoldAsync(SeatPlan plan, CancellationToken cancellationToken)
    {
        bool folded = await tables.Assignments.TrySubmitAsync(plan.Move(seats: 0).ToActions(), cancellationToken);
        CommitTelemetry.Folded(folded ? plan.Folded.Length : 0);
        return folded;
    }

    private LicenseWriter Create((string Platform, long LicenseId) key) =>
        new(
            new LicenseSeats(key.Platform, key.LicenseId, licenses, allotments, time, random),
            new GroupCommit(tables, time, random),
            known,
            time,
            scheduler,
            retire: writer => _writers.TryRemove(KeyValuePair.Create(key, writer)));
}

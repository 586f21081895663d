using System.Collections.Concurrent;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>The writers of the licenses that have requests waiting; one each, gone when idle.</summary>
internal sealed class LicenseWriters(
    Tables tables,
    LicenseStore licenses,
    OwnAllotments allotments,
    KnownAssignments known,
    TimeProvider time,
    Random random,
    TaskScheduler scheduler) : IAsyncDisposable
{
    /// <summary>The host ends the process soon after it has asked for that.</summary>
    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string Platform, long LicenseId), LicenseWriter> _writers = new();

    /// <summary>Writers at work now.</summary>
    public int Count => _writers.Count;

    public async Task<WriterReply> CommitAsync(PendingChange change)
    {
        (string Platform, long LicenseId) key = (change.Request.Platform, change.Request.LicenseId);
        while (!_writers.GetOrAdd(key, static (key, writers) => writers.Create(key), this).TryEnqueue(change))
        {
            // The writer retired in this moment; the next look makes another.
        }

        return await change.Reply;
    }

    /// <summary>
    /// Until no change waits or is under way, those of callers that have left included; then gives the seats back that
    /// this instance has set aside. The deadline of a change bounds how long that takes.
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
            // The seats stay where others find them, and who finds the allotment idle folds it.
        }
    }

    /// <summary>False when another writer changed one of the rows first.</summary>
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

using System.Collections.Concurrent;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>The writers of the licenses that have requests waiting; one each, gone when idle.</summary>
internal sealed class LicenseWriters(CommitServices services)
{
    /// <summary>The host ends the process soon after it has asked for that.</summary>
    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string Platform, long LicenseId), LicenseWriter> _writers = new();

    /// <summary>Writers at work now.</summary>
    public int Count => _writers.Count;

    public async Task<ChangeResult> CommitAsync(PendingChange change)
    {
        (string Platform, long LicenseId) key = (change.Request.Platform, change.Request.LicenseId);
        while (!_writers.GetOrAdd(key, Create).TryEnqueue(change))
        {
            // The writer retired in this moment; the next look makes another.
        }

        return await change.Reply.Task;
    }

    /// <summary>
    /// Until no change waits or is under way, those of callers that have left included; then gives the seats back that
    /// this instance has set aside.
    /// </summary>
    public async Task DrainAsync()
    {
        await Task.WhenAll(_writers.Values.Select(writer => writer.Retired));
        await Task.WhenAll(services.Own.All.Select(each => GiveBackAsync(each.Key.Platform, each.Key.LicenseId, each.Value)));
    }

    private async Task GiveBackAsync(string platform, long licenseId, OwnAllotment own)
    {
        using CancellationTokenSource deadline = new(GivingBack, services.Time);
        bool done = false;
        try
        {
            while (!done)
            {
                LicenseSnapshot snapshot = await services.Licenses.SnapshotAsync(platform, licenseId, deadline.Token);
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
        bool folded = await services.Tables.Assignments.TrySubmitAsync(plan.Move(seats: 0).ToActions(), cancellationToken);
        CommitTelemetry.Folded(folded ? plan.Folded.Length : 0);
        return folded;
    }

    private LicenseWriter Create((string Platform, long LicenseId) key) =>
        new(key.Platform, key.LicenseId, services, writer => _writers.TryRemove(KeyValuePair.Create(key, writer)));
}

/// <summary>What the writers of an instance share.</summary>
internal sealed record CommitServices(
    Tables Tables,
    LicenseStore Licenses,
    KnownAssignments Known,
    TimeProvider Time)
{
    public OwnAllotments Own { get; init; } = new(instance: Guid.NewGuid().ToString("N")[..12]);

    public Random Random { get; init; } = Random.Shared;

    /// <summary>Where writers run.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>What the writers tell: seats, transactions, and how many requests wait.</summary>
internal static class CommitTelemetry
{
    private static readonly UpDownCounter<int> QueueDepth = ServiceTelemetry.Meter.CreateUpDownCounter<int>(
        "license_assignments.queue.depth", "{request}", "Requests that wait for their license's writer.");

    private static readonly Histogram<int> CommitSize = ServiceTelemetry.Meter.CreateHistogram<int>(
        "license_assignments.commit.size", "{change}", "Changes in an entity group transaction.");

    private static readonly Counter<int> Conflicts = ServiceTelemetry.Meter.CreateCounter<int>(
        "license_assignments.commit.conflicts", "{conflict}", "Transactions that something else was faster than.");

    private static readonly Counter<long> SeatsTaken = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.seats.taken", "{seat}", "Seats taken.");

    private static readonly Counter<long> SeatsFreed = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.seats.freed", "{seat}", "Seats given back.");

    private static readonly Counter<long> SeatsRefused = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.seats.refused", "{seat}", "Requests for a seat that the license did not give, by reason.");

    private static readonly Counter<long> AllotmentsTaken = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.allotments.taken", "{allotment}", "Allotments taken, because another instance changed the license row first.");

    private static readonly Counter<long> AllotmentsUsed = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.allotments.used_of_others", "{transaction}", "Transactions with seats that another instance has set aside.");

    private static readonly Counter<long> AllotmentsFolded = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.allotments.folded", "{allotment}", "Allotments given back to their license.");

    private static readonly Gauge<double> SeatsUsed = ServiceTelemetry.Meter.CreateGauge<double>(
        "license_assignments.license.seats_used_ratio", "1", "Seats used of a license, of those it has, at its last change.");

    public static void Waiting(int more) => QueueDepth.Add(more);

    public static void Conflict() => Conflicts.Add(1);

    public static void Refused(Refusal refusal) => SeatsRefused.Add(1, KeyValuePair.Create("reason", (object?)refusal.ToString()));

    public static void Committed(ChangeGroup group)
    {
        CommitSize.Record(group.Members.Count);
        foreach (ChangeGroup.Member member in group.Members)
        {
            switch (member.SeatDelta)
            {
                case > 0:
                    SeatsTaken.Add(1);
                    break;
                case < 0:
                    SeatsFreed.Add(1);
                    break;
            }
        }

        if (group.SeatMove is { } move)
        {
            Moved(move);
        }
    }

    private static void Moved(SeatMove move)
    {
        AllotmentsTaken.Add(move.Plan.TakesAllotment ? 1 : 0);
        AllotmentsUsed.Add(move.Plan.UsesAnothers ? 1 : 0);
        Folded(move.Plan.Folded.Length);
        if (move.Counted is { Seats: > 0 } license && SeatsUsed.Enabled)
        {
            SeatsUsed.Record(
                license.SeatsUsed / (double)license.Seats,
                KeyValuePair.Create("platform", (object?)license.Platform),
                KeyValuePair.Create("license", (object?)license.Id));
        }
    }

    public static void Folded(int allotments) => AllotmentsFolded.Add(allotments);

    /// <summary>Child of the first request in the group, linked to the others.</summary>
    public static Activity? StartCommit(ChangeGroup group) => !ServiceTelemetry.Source.HasListeners()
        ? null
        : ServiceTelemetry.Source.StartActivity(
            "commit",
            ActivityKind.Internal,
            group.Members[0].Change.Caller,
            [KeyValuePair.Create("license_assignments.commit.size", (object?)group.Members.Count)],
            group.Members.Skip(1).Where(member => member.Change.Caller != default).Select(member => new ActivityLink(member.Change.Caller)));
}

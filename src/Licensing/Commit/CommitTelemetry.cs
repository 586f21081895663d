using System.Diagnostics;
using System.Diagnostics.Metrics;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>Metrics and spans of the writers: seats, transactions and queued requests.</summary>
internal static class CommitTelemetry
{
    private static readonly UpDownCounter<int> QueueDepth = ServiceTelemetry.Meter.CreateUpDownCounter<int>(
        "license_assignments.queue.depth", "{request}", "Requests queued for their license's writer.");

    private static readonly Histogram<int> CommitSize = ServiceTelemetry.Meter.CreateHistogram<int>(
        "license_assignments.commit.size", "{change}", "Changes per entity group transaction.");

    private static readonly Counter<int> Conflicts = ServiceTelemetry.Meter.CreateCounter<int>(
        "license_assignments.commit.conflicts", "{conflict}", "Transactions that failed because another writer changed a row first.");

    private static readonly Counter<long> SeatsTaken = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.seats.taken", "{seat}", "Seats taken.");

    private static readonly Counter<long> SeatsFreed = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.seats.freed", "{seat}", "Seats freed.");

    private static readonly Counter<long> SeatsRefused = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.seats.refused", "{seat}", "Requests for a seat that were refused, by reason.");

    private static readonly Counter<long> AllotmentsTaken = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.allotments.taken", "{allotment}", "Allotments taken because another instance changed the license row first.");

    private static readonly Counter<long> AllotmentsUsed = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.allotments.used_of_others", "{transaction}", "Transactions that used another instance's allotment.");

    private static readonly Counter<long> AllotmentsFolded = ServiceTelemetry.Meter.CreateCounter<long>(
        "license_assignments.allotments.folded", "{allotment}", "Allotments returned to their license.");

    private static readonly Gauge<double> SeatsUsed = ServiceTelemetry.Meter.CreateGauge<double>(
        "license_assignments.license.seats_used_ratio", "1", "Share of a license's seats that are used, at its last change.");

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

    /// <summary>Starts a span that is a child of the group's first request and linked to the others.</summary>
    public static Activity? StartCommit(ChangeGroup group) => !ServiceTelemetry.Source.HasListeners()
        ? null
        : ServiceTelemetry.Source.StartActivity(
            "commit",
            ActivityKind.Internal,
            group.Members[0].Change.Caller,
            [KeyValuePair.Create("license_assignments.commit.size", (object?)group.Members.Count)],
            group.Members.Skip(1).Where(member => member.Change.Caller != default).Select(member => new ActivityLink(member.Change.Caller)));
}

using System.Globalization;

namespace Benchmarks;

/// <summary>The limits that the service must keep.</summary>
internal static class Bars
{
    /// <summary>The exact number of storage calls of each warm request, see docs/design.md.</summary>
    private static readonly (string Operation, double Calls)[] Budget =
        [("401", 0), ("create", 1), ("update", 1), ("delete", 2), ("check, unknown", 1), ("check, known", 2)];

    public static IEnumerable<Bar> Of(Results results)
    {
        foreach ((string operation, double calls) in Budget.Where(_ => results.Growth.Count > 0))
        {
            double seen = results.Growth.Where(figure => figure.Operation == operation).Max(figure => figure.Calls);
            yield return new Bar($"storage calls, warm: {operation}", Text(calls), Text(seen), seen == calls);
        }

        foreach (StorageFigure figure in results.Storage.Where(figure => figure is { DelayMilliseconds: 0, Callers: Callers.Most }))
        {
            yield return AtLeast($"{figure.Operation}, 64 callers, API / bare storage client", 0.95, figure.PerSecond.Ratio);
        }

        foreach (StorageFigure figure in results.OneLicense.Where(figure => figure.Callers == Callers.Most))
        {
            yield return AtLeast(
                $"create on one license, 64 callers, API / bare one by one, +{figure.DelayMilliseconds} ms", figure.DelayMilliseconds == 0 ? 3 : 20, figure.PerSecond.Ratio);
        }

        if (results.HotLicense is [var one, .., var most])
        {
            double slower = most.SlowMilliseconds.Median / one.SlowMilliseconds.Median;
            yield return new Bar($"p99 of creates on one license, {most.Instances} instances / one", "<= 2", Text(slower), slower <= 2);
            yield return new Bar(
                $"transactions failed, one license, {most.Instances} instances", "<= 2 %", most.Failed.Median.ToString("P1", CultureInfo.InvariantCulture), most.Failed.Median <= 0.02);
            yield return new Bar($"storage calls per create, one license, {most.Instances} instances", "<= 1.3", Text(most.Calls.Median), most.Calls.Median <= 1.3);
        }

        foreach (CostFigure figure in results.Cost.Where(cost => cost.Operation == Cost.CreateSpread))
        {
            yield return AtMost("CPU per create, API / bare storage client", 1.2, figure.CpuMilliseconds.Ratio);
        }

        foreach (HostFigure figure in results.Host.Where(figure => figure.Callers == Callers.Most))
        {
            yield return AtLeast($"{figure.Answer}, 64 callers, LocalHost / bare Kestrel", 0.85, figure.PerSecond.Ratio);
        }

        foreach (StartFigure figure in results.WorkerStart)
        {
            yield return AtMost("start to first 200, worker / empty worker", 1.15, figure.Milliseconds.Ratio);
        }

        foreach (HostFigure figure in results.Worker.Where(figure => figure is { Callers: 16, Answer: "401, malformed key" }))
        {
            yield return AtLeast("401, malformed key, 16 callers, worker / empty worker", 0.95, figure.PerSecond.Ratio);
        }

        foreach (StartFigure figure in results.Start.Where(start => start.With == Start.EmptyApp))
        {
            yield return AtMost("start to first 200, LocalHost / empty Kestrel app", 1.25, figure.Milliseconds.Ratio);
        }

        foreach ((List<GrowthFigure> figures, string storage) in new[] { (results.Growth, "Azurite"), (results.GrowthInMemory, "tables in memory") })
        {
            GrowthFigure[] creates = [.. figures.Where(figure => figure is { Of: Growth.OfAssignments, Operation: "create" })];
            if (creates is [var small, .., var large])
            {
                double grown = large.Milliseconds.Median / small.Milliseconds.Median;
                yield return new Bar($"median create at {large.Size:N0} assignments / at {small.Size:N0}, {storage}", "<= 1.1", Text(grown), grown <= 1.1);
            }
        }

        if (results.Endurance.Count > 0)
        {
            foreach ((string what, double grown) in new[]
            {
                ("working set of worker 1", Endurance.GrownOfProcess(results.Endurance, figure => figure.Workers[0]?.Megabytes)),
                ("working set of worker 2", Endurance.GrownOfProcess(results.Endurance, figure => figure.Workers[1]?.Megabytes)),
                ("handles of worker 1", Endurance.GrownOfProcess(results.Endurance, figure => figure.Workers[0]?.Handles)),
                ("handles of worker 2", Endurance.GrownOfProcess(results.Endurance, figure => figure.Workers[1]?.Handles)),
                ("p50", Endurance.Grown(results.Endurance, figure => figure.MedianMilliseconds)),
            })
            {
                yield return new Bar($"endurance, growth of {what} over an hour", "<= 1.1", Text(grown), grown <= 1.1);
            }
        }

        foreach (WorkingSetFigure last in results.WorkingSet.Where(figure => figure is { Process: "LocalHost", Requests: > 1 }))
        {
            yield return new Bar($"working set of LocalHost after {last.Requests:N0} requests", "<= 150 MB", $"{last.Megabytes:F0} MB", last.Megabytes <= 150);
        }
    }

    private static Bar AtLeast(string figure, double least, Spread ratio) => new(figure, $">= {Text(least)}", ratio.ToString(), ratio.Median >= least);

    private static Bar AtMost(string figure, double most, Spread ratio) => new(figure, $"<= {Text(most)}", ratio.ToString(), ratio.Median <= most);

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

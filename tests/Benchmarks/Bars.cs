using System.Globalization;

namespace Benchmarks;

/// <summary>What the service is held to.</summary>
internal static class Bars
{
    /// <summary>Storage calls of each warm request, exactly; docs/design.md.</summary>
    private static readonly (string Operation, double Calls)[] Budget =
        [("401", 0), ("create", 1), ("update", 1), ("delete", 2), ("check, unknown", 1), ("check, known", 2)];

    public static IEnumerable<Bar> Of(Results results)
    {
        foreach ((string operation, double calls) in Budget)
        {
            double seen = results.Growth.Where(figure => figure.Operation == operation).Max(figure => figure.Calls);
            yield return new Bar($"storage calls, warm: {operation}", Text(calls), Text(seen), seen == calls);
        }

        foreach (StorageFigure figure in results.Storage.Where(figure => figure is { DelayMilliseconds: 0, Callers: Callers.Most, Operation: not OneLicense.Create }))
        {
            yield return AtLeast($"{figure.Operation}, 64 callers, API / bare storage client", 0.95, figure.PerSecond.Ratio);
        }

        foreach (StorageFigure figure in results.Storage.Where(figure => figure is { Callers: Callers.Most, Operation: OneLicense.Create }))
        {
            yield return AtLeast(
                $"create on one license, 64 callers, API / bare one by one, +{figure.DelayMilliseconds} ms", figure.DelayMilliseconds == 0 ? 3 : 20, figure.PerSecond.Ratio);
        }

        yield return AtMost("CPU per create, API / bare storage client", 1.2, results.Cost.Single(cost => cost.Operation == Cost.CreateSpread).CpuMilliseconds.Ratio);
        foreach (HostFigure figure in results.Host.Where(figure => figure.Callers == Callers.Most))
        {
            yield return AtLeast($"{figure.Answer}, 64 callers, LocalHost / bare Kestrel", 0.85, figure.PerSecond.Ratio);
        }

        yield return AtMost("start to first 200, worker / empty worker", 1.15, results.WorkerStart.Single().Milliseconds.Ratio);
        foreach (HostFigure figure in results.Worker.Where(figure => figure is { Callers: 16, Answer: "401, malformed key" }))
        {
            yield return AtLeast("401, malformed key, 16 callers, worker / empty worker", 0.95, figure.PerSecond.Ratio);
        }

        yield return AtMost("start to first 200, LocalHost / empty Kestrel app", 1.25, results.Start.Single(start => start.With == Start.EmptyApp).Milliseconds.Ratio);
        foreach ((string of, string storage) in new[] { (Growth.OfAssignments, "Azurite"), (Growth.OfAssignmentsInMemory, "tables in memory") })
        {
            List<GrowthFigure> creates = [.. results.Growth.Where(figure => figure.Of == of && figure.Operation == "create")];
            double growth = creates[^1].Milliseconds.Median / creates[0].Milliseconds.Median;
            yield return new Bar($"median create at {creates[^1].Size:N0} assignments / at {creates[0].Size:N0}, {storage}", "<= 1.1", Text(growth), growth <= 1.1);
        }

        foreach (WorkingSetFigure last in results.WorkingSet.Where(figure => figure.Process is "LocalHost" or "worker" && figure.Requests > 1))
        {
            yield return new Bar($"working set of {last.Process} after {last.Requests:N0} requests", "<= 150 MB", $"{last.Megabytes:F0} MB", last.Megabytes <= 150);
        }
    }

    private static Bar AtLeast(string figure, double least, Spread ratio) => new(figure, $">= {Text(least)}", ratio.ToString(), ratio.Median >= least);

    private static Bar AtMost(string figure, double most, Spread ratio) => new(figure, $"<= {Text(most)}", ratio.ToString(), ratio.Median <= most);

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

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

        foreach (StorageFigure figure in results.Storage.Where(figure => figure is { DelayMilliseconds: 0, Callers: Callers.Most, Operation: StorageLimit.CreateSpread }))
        {
            yield return AtLeast("create over many licenses, 64 callers, API / bare storage client", 0.8, figure.PerSecond.Ratio);
        }

        foreach (StorageFigure figure in results.Storage.Where(figure => figure is { Callers: Callers.Most, Operation: OneLicense.Create }))
        {
            yield return AtLeast(
                $"create on one license, 64 callers, API / bare one by one, +{figure.DelayMilliseconds} ms", figure.DelayMilliseconds == 0 ? 3 : 20, figure.PerSecond.Ratio);
        }

        HotLicenseFigure one = results.HotLicense[0];
        HotLicenseFigure most = results.HotLicense[^1];
        double slower = most.SlowMilliseconds.Median / one.SlowMilliseconds.Median;
        yield return new Bar($"p99 of creates on one license, {most.Instances} instances / one", "<= 2", Text(slower), slower <= 2);
        yield return new Bar(
            $"transactions failed, one license, {most.Instances} instances", "<= 2 %", most.Failed.Median.ToString("P1", CultureInfo.InvariantCulture), most.Failed.Median <= 0.02);
        yield return new Bar($"storage calls per create, one license, {most.Instances} instances", "<= 1.3", Text(most.Calls.Median), most.Calls.Median <= 1.3);
        yield return AtMost("CPU per create, API / bare storage client", 1.5, results.Cost.Single(cost => cost.Operation == Cost.CreateSpread).CpuMilliseconds.Ratio);
        foreach (HostFigure figure in results.Host.Where(figure => figure.Callers == Callers.Most))
        {
            yield return AtLeast($"{figure.Answer}, 64 callers, LocalHost / bare Kestrel", 0.7, figure.PerSecond.Ratio);
        }

        yield return AtMost("start to first 200, API / empty Kestrel app", 1.5, results.Start.Single(start => start.With == Start.EmptyApp).Milliseconds.Ratio);
        List<GrowthFigure> creates = [.. results.Growth.Where(figure => figure is { Of: Growth.OfAssignments, Operation: "create" })];
        double growth = creates[^1].Milliseconds.Median / creates[0].Milliseconds.Median;
        yield return new Bar($"median create at {creates[^1].Size:N0} assignments / at {creates[0].Size:N0}", "<= 1.1", Text(growth), growth <= 1.1);
        WorkingSetFigure last = results.WorkingSet[^1];
        yield return new Bar($"working set after {last.Requests:N0} requests", "<= 150 MB", $"{last.Megabytes:F0} MB", last.Megabytes <= 150);
    }

    private static Bar AtLeast(string figure, double least, Spread ratio) => new(figure, $">= {Text(least)}", ratio.ToString(), ratio.Median >= least);

    private static Bar AtMost(string figure, double most, Spread ratio) => new(figure, $"<= {Text(most)}", ratio.ToString(), ratio.Median <= most);

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

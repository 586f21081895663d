using ScottPlot;

namespace Benchmarks;

/// <summary>Charts for figures that are hard to read in tables.</summary>
internal static class Plots
{
    private const int Width = 800;
    private const int Height = 420;

    public static void Draw(Results results, string folder)
    {
        foreach (int delay in new[] { 0, 10 })
        {
            Storage([.. results.Storage.Where(figure => figure.DelayMilliseconds == delay)], delay)
                .SaveSvg(Path.Combine(folder, $"storage-{delay}ms.svg"), Width, Height);
            DrawOneLicense([.. results.OneLicense.Where(figure => figure.DelayMilliseconds == delay)], delay)
                .SaveSvg(Path.Combine(folder, $"one-license-{delay}ms.svg"), Width, Height);
        }

        Hot(results.HotLicense).SaveSvg(Path.Combine(folder, "hot-license.svg"), Width, Height);
        DrawWorker(results.Worker).SaveSvg(Path.Combine(folder, "worker.svg"), Width, Height);
        Grown(results.Growth, "Azurite").SaveSvg(Path.Combine(folder, "growth.svg"), Width, Height);
        Grown(results.GrowthInMemory, "tables in memory").SaveSvg(Path.Combine(folder, "growth-memory.svg"), Width, Height);
        foreach ((string name, string title, string unit, (string Name, Func<EnduranceFigure, double?> Of)[] lines) in EnduranceLines)
        {
            Over(results.Endurance, title, unit, lines).SaveSvg(Path.Combine(folder, $"endurance-{name}.svg"), Width, Height);
        }

        Obvious(results).SaveSvg(Path.Combine(folder, "obvious.svg"), Width, Height);
    }

    private static (string Name, string Title, string Unit, (string Name, Func<EnduranceFigure, double?> Of)[] Lines)[] EnduranceLines =>
    [
        ("memory", "Working set over an hour at half load", "MB", [("worker 1", figure => figure.Workers[0]?.Megabytes), ("worker 2", figure => figure.Workers[1]?.Megabytes)]),
        ("handles", "Open handles over an hour at half load", "handles", [("worker 1", figure => figure.Workers[0]?.Handles), ("worker 2", figure => figure.Workers[1]?.Handles)]),
        ("latency", "Latency over an hour at half load", "milliseconds", [("p50", figure => figure.MedianMilliseconds), ("p99", figure => figure.SlowMilliseconds)]),
    ];

    private static Plot Storage(List<StorageFigure> figures, int delay)
    {
        string[] operations = [.. figures.Select(figure => figure.Operation).Distinct()];
        int[] callers = [.. figures.Select(figure => figure.Callers).Distinct()];
        Plot plot = Grouped(
            operations,
            [.. callers.Select(count => ($"{count} callers", operations.Select(operation => figures.Single(figure => figure.Operation == operation && figure.Callers == count).PerSecond.Ratio).ToArray()))]);
        plot.Add.HorizontalLine(1, 1, Colors.Gray, LinePattern.Dashed);
        plot.Title($"Requests a second, API / bare storage client, storage +{delay} ms");
        return plot;
    }

    private static Plot DrawOneLicense(List<StorageFigure> figures, int delay)
    {
        Plot plot = Grouped(
            [.. figures.Select(figure => $"{figure.Callers} callers")],
            [("API", [.. figures.Select(figure => figure.PerSecond.A)]), ("bare storage client, one by one", [.. figures.Select(figure => figure.PerSecond.B)])]);
        plot.Title($"Creates a second on one license, storage +{delay} ms");
        return plot;
    }

    private static Plot Hot(List<HotLicenseFigure> figures)
    {
        Plot plot = new();
        foreach ((string name, Func<HotLicenseFigure, Spread> of) in new (string, Func<HotLicenseFigure, Spread>)[]
        {
            ("p50", figure => figure.MedianMilliseconds),
            ("p99", figure => figure.SlowMilliseconds),
        })
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(
                figures.Select(figure => (double)figure.Instances).ToArray(), figures.Select(figure => of(figure).Median).ToArray());
            line.LegendText = name;
            line.LineWidth = 2;
        }

        plot.Axes.SetLimitsY(0, figures.Select(figure => figure.SlowMilliseconds.Most).DefaultIfEmpty(1).Max() * 1.2);
        plot.Title("Creates on one license, +10 ms to storage, by instances");
        plot.XLabel("instances");
        plot.YLabel("milliseconds");
        plot.ShowLegend(Alignment.UpperLeft);
        return plot;
    }

    private static Plot DrawWorker(List<HostFigure> figures)
    {
        string[] answers = [.. figures.Select(figure => figure.Answer).Distinct()];
        int[] callers = [.. figures.Select(figure => figure.Callers).Distinct()];
        Plot plot = Grouped(
            answers,
            [.. callers.Select(count => ($"{count} callers", answers.Select(answer => figures.Single(figure => figure.Answer == answer && figure.Callers == count).PerSecond.Ratio).ToArray()))]);
        plot.Add.HorizontalLine(1, 1, Colors.Gray, LinePattern.Dashed);
        plot.Title("Requests a second under the test host, worker / empty worker");
        return plot;
    }

    private static Plot Grown(List<GrowthFigure> figures, string storage)
    {
        // A check of a known address, for which Azurite scans, would dwarf the others.
        List<GrowthFigure> shown = [.. figures.Where(figure => figure is { Of: Growth.OfAssignments, Operation: "create" or "update" or "delete" or "check, unknown" or Growth.BareCreate })];
        Plot plot = new();
        foreach (IGrouping<string, GrowthFigure> operation in shown.GroupBy(figure => figure.Operation))
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(
                operation.Select(figure => Math.Log10(figure.Size)).ToArray(), operation.Select(figure => figure.Milliseconds.Median).ToArray());
            line.LegendText = operation.Key;
            line.LineWidth = 2;
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. shown.Select(figure => figure.Size).Distinct().Select(size => new Tick(Math.Log10(size), $"{size:N0}"))]);
        plot.Axes.SetLimitsY(0, shown.Select(figure => figure.Milliseconds.Median).DefaultIfEmpty(1).Max() * 1.4);
        plot.Title($"Median latency as a platform grows, {storage}");
        plot.XLabel("assignments of the platform");
        plot.YLabel("milliseconds");
        plot.ShowLegend(Alignment.UpperLeft);
        return plot;
    }

    private static Plot Over(List<EnduranceFigure> figures, string title, string unit, (string Name, Func<EnduranceFigure, double?> Of)[] lines)
    {
        Plot plot = new();
        List<double> shown = [];
        foreach ((string name, Func<EnduranceFigure, double?> of) in lines)
        {
            List<(double Minute, double Value)> points = [.. figures.Where(figure => of(figure) is not null).Select(figure => (figure.Minute, of(figure)!.Value))];
            ScottPlot.Plottables.Scatter line = plot.Add.ScatterLine(points.Select(point => point.Minute).ToArray(), points.Select(point => point.Value).ToArray());
            line.LegendText = name;
            line.LineWidth = 2;
            shown.AddRange(points.Select(point => point.Value));
        }

        // The restart in the middle would dwarf the rest.
        shown.Sort();
        plot.Axes.SetLimitsY(0, shown.Count == 0 ? 1 : shown[shown.Count * 98 / 100] * 1.3);
        plot.Title(title);
        plot.XLabel("minutes");
        plot.YLabel(unit);
        plot.ShowLegend(Alignment.UpperLeft);
        return plot;
    }

    private static Plot Obvious(Results results)
    {
        Plot plot = Grouped(
            [.. results.Obvious.Select(figure => $"{figure.Assignments:N0}")],
            [("obvious implementation", [.. results.Obvious.Select(figure => figure.ObviousMilliseconds)]), ("API", [.. results.Obvious.Select(figure => figure.ApiMilliseconds)])]);
        plot.Title("Milliseconds of one create, by assignments the license has");
        return plot;
    }

    /// <summary>Grouped bars from zero, with minimum and maximum as error bars.</summary>
    private static Plot Grouped(string[] groups, (string Name, Spread[] Values)[] series)
    {
        Plot plot = new();
        for (int s = 0; s < series.Length; s++)
        {
            (string name, Spread[] values) = series[s];
            List<ScottPlot.Bar> bars = [];
            for (int g = 0; g < groups.Length; g++)
            {
                bars.Add(new ScottPlot.Bar
                {
                    Position = (g * (series.Length + 1)) + s,
                    Value = values[g].Median,
                    Error = (values[g].Most - values[g].Least) / 2,
                    FillColor = plot.Add.Palette.GetColor(s),
                });
            }

            plot.Add.Bars(bars).LegendText = name;
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. groups.Select((group, g) => new Tick((g * (series.Length + 1)) + ((series.Length - 1) / 2.0), group))]);
        plot.Axes.Margins(bottom: 0, top: 0.3);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }
}

using System.Diagnostics;
using System.Globalization;
using ScottPlot;

namespace Benchmarks;

/// <summary>
/// A few steady figures of each change, as a series in <c>docs/performance/changes.csv</c>: allocations of the worker, and its
/// CPU and start as ratios to a baseline measured in the same run, so that machines can be compared.
/// </summary>
internal static class Changes
{
    private const int Times = 50;

    /// <summary>Measures the current commit and writes its row, replacing an earlier one.</summary>
    public static async Task RunAsync(Suite suite, Publication publication, string folder)
    {
        await Shipped.RunAsync(suite, publication);
        await WorkerLimit.RunStartAsync(suite, publication);
        List<(string Name, double Value)> figures =
        [
            .. await StorageCallsAsync(),
            .. suite.Results.Shipped.Select(figure => ($"KB, {figure.Operation}", figure.AllocatedKilobytes.Worker.Median)),
            .. suite.Results.Shipped.Select(figure => ($"CPU ratio, {figure.Operation}", figure.CpuMilliseconds.OfLimit.Median)),
            ("start ratio", suite.Results.WorkerStart[^1].Milliseconds.Ratio.Median),
            ("published app, MB", Directory.EnumerateFiles(publication.Worker, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1024.0 / 1024.0),
        ];
        string path = Path.Combine(folder, "changes.csv");
        string header = string.Join(',', figures.Select(figure => $"\"{figure.Name}\"").Prepend("commit"));
        string commit = await CommitAsync();
        string row = string.Join(',', figures.Select(figure => figure.Value.ToString("0.##", CultureInfo.InvariantCulture)).Prepend(commit));
        // Different figures start a new series.
        string[] earlier = File.Exists(path) && File.ReadLines(path).First() == header ? [.. File.ReadLines(path).Skip(1)] : [];
        string[] rows = [.. earlier.Where(line => !line.StartsWith(commit + ",", StringComparison.Ordinal)), row];
        await File.WriteAllLinesAsync(path, [header, .. rows]);
        Draw([.. figures.Select(figure => figure.Name)], rows).SaveSvg(Path.Combine(folder, "changes.svg"), 900, 500);
        Print(figures, earlier.LastOrDefault(line => line != row)?.Split(',')[1..]);
    }

    private static async Task<List<(string Name, double Value)>> StorageCallsAsync()
    {
        await using World world = await World.CreateInMemoryAsync(Times);
        await world.AddEmailsAsync(Times);
        int license = await world.AddLicensesAsync(1);
        await using ServerProcess server = await ServerProcess.ServeHereAsync(world);
        using ApiClient api = new(world, server);
        await api.WarmAsync();
        Pairs pairs = Pairs.OneLicense(license, Times);
        return
        [
            await CallsAsync("create", () => api.CreateAsync(0, pairs)),
            await CallsAsync("update", () => api.UpdateAsync(0)),
            await CallsAsync("check, known", () => api.CheckAsync(0, Times)),
            await CallsAsync("check, unknown", () => api.CheckAsync(0, 0)),
            await CallsAsync("delete", () => api.DeleteAsync(0)),
        ];

        async Task<(string, double)> CallsAsync(string operation, Func<Task<bool>> once)
        {
            (_, long before, _) = await server.MeasuredAsync();
            for (int i = 0; i < Times; i++)
            {
                await once();
            }

            (_, long after, _) = await server.MeasuredAsync();
            return ($"storage calls, {operation}", (after - before) / (double)Times);
        }
    }

    /// <summary>Each figure relative to the first one, so that rising means worse.</summary>
    private static Plot Draw(string[] names, string[] rows)
    {
        double[][] values = [.. rows.Select(row => row.Split(',')[1..].Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray())];
        Plot plot = new();
        for (int i = 0; i < names.Length; i++)
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(
                Enumerable.Range(0, rows.Length).Select(each => (double)each).ToArray(), values.Select(row => row[i] / values[0][i]).ToArray());
            line.LegendText = names[i];
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. rows.Select((row, i) => new Tick(i, row.Split(',')[0]))]);
        plot.Axes.SetLimitsY(0, 2);
        plot.Title("Figures of each change, relative to the first");
        plot.ShowLegend(Edge.Right);
        return plot;
    }

    /// <summary>Returns the figures as Markdown, beside those of the previous change.</summary>
    private static void Print(List<(string Name, double Value)> figures, string[]? before)
    {
        Console.WriteLine("| figure | before | now |\n|---|---:|---:|");
        for (int i = 0; i < figures.Count; i++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {figures[i].Name} | {before?[i]} | {figures[i].Value:0.##} |"));
        }
    }

    private static async Task<string> CommitAsync()
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty"])
        {
            WorkingDirectory = LocalHost.Workspace.Root,
            RedirectStandardOutput = true,
        })!;
        string commit = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        return commit.Trim();
    }
}

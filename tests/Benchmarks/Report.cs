using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Benchmarks;

/// <summary>Writes the figures as JSON and as tables.</summary>
internal static class Report
{
    /// <summary>All figures as Markdown.</summary>
    public static string Tables(Results results)
    {
        StringBuilder text = new("# Figures\n\nWritten by `tests/Benchmarks`; [performance](../performance.md) says what they mean.\n");
        Table("Bars", ["figure", "bar", "measured", ""], results.Bars.Select(b => new[] { b.Figure, b.Wanted, b.Measured, b.Met ? "met" : "not met" }));
        Table(
            "Storage: requests a second, API / bare storage client",
            ["operation", "storage", "callers", "API", "bare", "ratio"],
            results.OneLicense.Concat(results.Storage).Select(f => new[] { f.Operation, $"+{f.DelayMilliseconds} ms", $"{f.Callers}", Rate(f.PerSecond.A), Rate(f.PerSecond.B), $"{f.PerSecond.Ratio}" }));
        Table(
            "One license on several instances: creates that arrive at 30 % of what one instance does, +10 ms",
            ["instances", "a second", "p50, ms", "p99, ms", "calls a create", "transactions failed", "503"],
            results.HotLicense.Select(f => new[] { $"{f.Instances}", $"{f.PerSecond:F0}", $"{f.MedianMilliseconds}", $"{f.SlowMilliseconds}", $"{f.Calls}", f.Failed.Median.ToString("P1", CultureInfo.InvariantCulture), $"{f.Refused}" }));
        Table(
            "The last seats of one license, callers at once, +10 ms",
            ["instances", "callers", "seats", "given", "ms"],
            results.LastSeats.Select(f => new[] { $"{f.Instances}", $"{f.Callers}", $"{f.Seats}", $"{f.Given.Median:F0} ({f.Given.Least:F0} to {f.Given.Most:F0})", $"{f.Milliseconds}" }));
        Table(
            "Host: requests a second and CPU, LocalHost / bare Kestrel",
            ["answer", "callers", "LocalHost", "bare", "ratio", "CPU, µs", "bare", "ratio"],
            results.Host.Select(f => new[] { f.Answer, $"{f.Callers}", Rate(f.PerSecond.A), Rate(f.PerSecond.B), $"{f.PerSecond.Ratio}", Number(f.CpuMicroseconds.A), Number(f.CpuMicroseconds.B), $"{f.CpuMicroseconds.Ratio}" }));
        Table(
            "Worker: requests a second and CPU under the test host, worker / empty worker",
            ["answer", "callers", "worker", "empty", "ratio", "CPU, µs", "empty", "ratio"],
            results.Worker.Select(f => new[] { f.Answer, $"{f.Callers}", Rate(f.PerSecond.A), Rate(f.PerSecond.B), $"{f.PerSecond.Ratio}", Number(f.CpuMicroseconds.A), Number(f.CpuMicroseconds.B), $"{f.CpuMicroseconds.Ratio}" }));
        Table(
            "What ships: worker under the test host, LocalHost, and the limit of both, 64 callers",
            ["operation", "", "worker", "LocalHost", "limit", "worker / LocalHost", "worker / limit"],
            results.Shipped.SelectMany(f => new[]
            {
                ThreeSides(f.Operation, "a second", f.PerSecond, Rate),
                ThreeSides(f.Operation, "CPU, ms", f.CpuMilliseconds, Fine),
                ThreeSides(f.Operation, "allocated, KB", f.AllocatedKilobytes, Number),
            }));
        Table(
            "Cost of a request, API / bare storage client, 64 callers",
            ["operation", "CPU, ms", "bare", "ratio", "allocated, KB", "bare", "ratio"],
            results.Cost.Select(f => new[] { f.Operation, Number(f.CpuMilliseconds.A), Number(f.CpuMilliseconds.B), $"{f.CpuMilliseconds.Ratio}", Number(f.AllocatedKilobytes.A), Number(f.AllocatedKilobytes.B), $"{f.AllocatedKilobytes.Ratio}" }));
        Table(
            "Working set",
            ["process", "requests", "MB"],
            results.WorkingSet.Concat(results.WorkerWorkingSet).Select(f => new[] { f.Process, $"{f.Requests:N0}", $"{f.Megabytes:F0}" }));
        Table(
            "The obvious implementation: one create on a license that has assignments",
            ["assignments", "obvious, ms", "calls", "rows read", "API, ms", "calls", "rows read"],
            results.Obvious.Select(f => new[] { $"{f.Assignments:N0}", $"{f.ObviousMilliseconds}", Number(f.ObviousCalls), $"{f.ObviousRows:N0}", $"{f.ApiMilliseconds}", Number(f.ApiCalls), $"{f.ApiRows:N0}" }));
        Table(
            "The obvious implementation: callers at once on the last seats",
            ["implementation", "seats", "callers", "seats given"],
            results.Oversold.Select(f => new[] { f.Implementation, $"{f.Seats}", $"{f.Callers}", $"{f.Given.Median:F0} ({f.Given.Least:F0} to {f.Given.Most:F0})" }));
        Table(
            "Start to first 200, milliseconds, both ReadyToRun",
            ["", "", "service", "other", "ratio"],
            results.Start.Concat(results.WorkerStart).SelectMany(f => new[]
            {
                new[] { f.With, "elapsed", $"{f.Milliseconds.A}", $"{f.Milliseconds.B}", $"{f.Milliseconds.Ratio}" },
                [f.With, "CPU", $"{f.CpuMilliseconds.A}", $"{f.CpuMilliseconds.B}", $"{f.CpuMilliseconds.Ratio}"],
            }));
        foreach ((List<GrowthFigure> figures, string storage) in new[] { (results.Growth, "Azurite"), (results.GrowthInMemory, "tables in memory") })
        {
            Table(
                $"Growth, {storage}: one caller, median milliseconds",
                ["how many", "", "operation", "ms", "calls", "rows read"],
                figures.Select(f => new[] { f.Of, $"{f.Size:N0}", f.Operation, $"{f.Milliseconds}", Number(f.Calls), Number(f.Rows) }));
        }

        Table(
            "Endurance: an hour at half load, tables in memory",
            ["minutes", "a second", "p50, ms", "p99, ms", "sent again", "worker 1", "worker 2"],
            results.Endurance.Where((_, i) => i % 5 == 4).Select(f => new[]
            {
                f.Minute.ToString("0.#", CultureInfo.InvariantCulture), $"{f.PerSecond:F0}", Number(f.MedianMilliseconds ?? 0), Number(f.SlowMilliseconds ?? 0), $"{f.Resent}", $"{f.Workers[0]}", $"{f.Workers[1]}",
            }));
        return text.ToString();

        void Table(string title, string[] columns, IEnumerable<string[]> rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => "---|"))}\n");
            foreach (string[] row in rows)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
            }
        }
    }

    /// <summary>The figures of an earlier run; empty if there was none.</summary>
    public static Results Read(string folder, Machine machine)
    {
        string path = Path.Combine(folder, "results.json");
        Results none = new(machine);
        if (!File.Exists(path))
        {
            return none;
        }

        // Parts that did not exist at that time have no figures.
        JsonObject all = JsonSerializer.SerializeToNode(none, ResultsJson.Default.Results)!.AsObject();
        foreach ((string name, JsonNode? figures) in JsonNode.Parse(File.ReadAllText(path))!.AsObject())
        {
            all[name] = figures?.DeepClone();
        }

        return all.Deserialize(ResultsJson.Default.Results)! with { Machine = machine };
    }

    public static void Write(Results results, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(results, ResultsJson.Default.Results) + "\n");
        File.WriteAllText(Path.Combine(folder, "tables.md"), Tables(results));
    }

    private static string[] ThreeSides(string operation, string unit, ThreeSides sides, Func<Spread, string> text) =>
        [operation, unit, text(sides.Worker), text(sides.LocalHost), text(sides.Limit), $"{sides.OfLocalHost}", $"{sides.OfLimit}"];

    private static string Rate(Spread spread) => spread.Median.ToString("N0", CultureInfo.InvariantCulture);

    private static string Fine(Spread spread) => spread.Median.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Number(Spread spread) => Number(spread.Median);

    private static string Number(double value) => value.ToString(value < 10 ? "0.##" : "N0", CultureInfo.InvariantCulture);
}

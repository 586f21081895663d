using System.Diagnostics;
using System.Runtime.InteropServices;
using Benchmarks;
using LocalHost;

if (args is [Server.Verb, ..])
{
    await Server.RunAsync(args);
    return 0;
}

bool quick = args.Contains("--quick");
string[] parts = [.. args.Where(arg => !arg.StartsWith('-'))];
string folder = Directory.CreateDirectory(Path.Combine(Workspace.Root, quick ? ".data/benchmarks/performance" : "docs/performance")).FullName;
long start = Stopwatch.GetTimestamp();
await using Azurite azurite = await Azurite.StartAsync(port: 0, folder: null, CancellationToken.None);
// Parts that are not run keep their figures.
Results results = parts is [] or ["changes"] ? new Results(MachineOfThis()) : Report.Read(folder, MachineOfThis());
Suite suite = new(azurite, results, quick);
Lazy<Task<Publication>> publication = new(Publication.MakeAsync);
await RunAsync("start", results.Start, async () => await Start.RunAsync(suite, await publication.Value));
await RunAsync("worker-start", results.WorkerStart, async () => await WorkerLimit.RunStartAsync(suite, await publication.Value));
await RunAsync("worker", results.Worker, async () => await WorkerLimit.RunAsync(suite, await publication.Value));
await RunAsync("shipped", results.Shipped, async () => await Shipped.RunAsync(suite, await publication.Value));
await RunAsync("host", results.Host, async () => await HostLimit.RunAsync(suite, await publication.Value));
await RunAsync("one-license", results.OneLicense, () => OneLicense.RunAsync(suite));
await RunAsync("hot-license", results.HotLicense, () => HotLicense.RunAsync(suite));
await RunAsync("last-seats", results.LastSeats, () => HotLicense.RunLastSeatsAsync(suite));
await RunAsync("storage", results.Storage, () => StorageLimit.RunAsync(suite));
await RunAsync("cost", results.Cost, () => Cost.RunAsync(suite));
await RunAsync("memory", results.WorkingSet, async () => await Cost.RunWorkingSetAsync(suite, await publication.Value));
await RunAsync("obvious", results.Obvious, () => Obvious.RunAsync(suite));
await RunAsync("oversold", results.Oversold, () => Obvious.RunOversoldAsync(suite));
await RunAsync("growth", results.Growth, () => Growth.RunAsync(suite));
await RunAsync("growth-memory", results.GrowthInMemory, () => Growth.RunInMemoryAsync(suite));
if (parts is ["changes"])
{
    await Changes.RunAsync(suite, await publication.Value, folder);
    return 0;
}

if (parts.Contains("endurance"))
{
    await RunAsync("endurance", results.Endurance, async () => await Endurance.RunAsync(suite, await publication.Value));
}

results.Bars.Clear();
results.Bars.AddRange(Bars.Of(results));
Console.WriteLine(Report.Tables(results));
Report.Write(results, folder);
Plots.Draw(results, folder);
Console.WriteLine($"\n{Stopwatch.GetElapsedTime(start).TotalMinutes:F1} minutes; {folder}");
return 0;

async Task RunAsync<T>(string part, List<T> figures, Func<Task> run)
{
    if (parts.Length == 0 || parts.Contains(part))
    {
        Console.WriteLine($"{part}, after {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        figures.Clear();
        await run();
    }
}

Machine MachineOfThis()
{
    string? processor = File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        : null;
    return new Machine(
        processor ?? RuntimeInformation.ProcessArchitecture.ToString(), Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, quick ? 3 : 5);
}

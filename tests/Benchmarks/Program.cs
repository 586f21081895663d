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
string folder = Directory.CreateDirectory(Path.Combine(Workspace.Root, quick || parts.Length > 0 ? ".data/benchmarks/performance" : "docs/performance")).FullName;
long start = Stopwatch.GetTimestamp();
await using Azurite azurite = await Azurite.StartAsync(port: 0, folder: null, CancellationToken.None);
Suite suite = new(azurite, new Results(MachineOfThis()), quick);
Lazy<Task<Publication>> publication = new(Publication.MakeAsync);
await RunAsync("start", async () => await Start.RunAsync(suite, await publication.Value));
await RunAsync("host", async () => await HostLimit.RunAsync(suite, await publication.Value));
await RunAsync("one-license", () => OneLicense.RunAsync(suite));
await RunAsync("hot-license", () => HotLicense.RunAsync(suite));
await RunAsync("storage", () => StorageLimit.RunAsync(suite));
await RunAsync("cost", () => Cost.RunAsync(suite));
await RunAsync("memory", async () => await Cost.RunWorkingSetAsync(suite, await publication.Value));
await RunAsync("obvious", () => Obvious.RunAsync(suite));
await RunAsync("growth", () => Growth.RunAsync(suite));
if (parts.Length == 0)
{
    suite.Results.Bars.AddRange(Bars.Of(suite.Results));
    Report.Print(suite.Results);
    Report.Write(suite.Results, folder);
    Plots.Draw(suite.Results, folder);
}

Console.WriteLine($"\n{Stopwatch.GetElapsedTime(start).TotalMinutes:F1} minutes; {folder}");
return 0;

async Task RunAsync(string part, Func<Task> run)
{
    if (parts.Length == 0 || parts.Contains(part))
    {
        Console.WriteLine($"{part}, after {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
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

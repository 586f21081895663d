using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;

namespace Faults.Tests.Histories;

/// <summary>Collects the history of a run, and leaves it on disk if the run fails.</summary>
internal sealed class Recorder(Run run)
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<Line> _lines = new([run]);

    public double Now => Math.Round(Stopwatch.GetElapsedTime(_began).TotalSeconds, 4);

    public IReadOnlyList<Line> Lines => [.. _lines];

    public void Add(Line line) => _lines.Enqueue(line);

    /// <summary>Does something that the history names.</summary>
    public async Task DisasterAsync(string what, Func<Task> happen)
    {
        double began = Now;
        await happen();
        Add(new Disaster(what, began, Now));
    }

    /// <summary>Runs, judges what was recorded, and saves it if either fails.</summary>
    public async Task JudgedAsync(Func<Task> runs)
    {
        try
        {
            await runs();
            Judge.Check(Lines);
        }
        catch (Exception failure)
        {
            string path = Path.Combine(Folder, $"{run.ServedBy}-{run.Seed}.jsonl");
            Save(path, Lines);
            throw new InvalidOperationException(
                $"{failure.Message}\nThe history is {path}, drawn as {PageOf(path)}; CONTRIBUTING.md says how to judge it again.", failure);
        }
    }

    /// <summary>Writes a history and its page.</summary>
    public static void Save(string path, IReadOnlyList<Line> history)
    {
        File.WriteAllLines(path, Line.Format(history));
        File.WriteAllText(PageOf(path), HistoryPage.Draw(history));
    }

    private static string PageOf(string path) => Path.ChangeExtension(path, ".html");

    /// <summary>Where histories are left.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(
        typeof(Recorder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Repository").Value!,
        ".data",
        "faults")).FullName;
}

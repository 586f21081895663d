using System.CommandLine;
using Assignments;
using Assignments.Storage;
using Spectre.Console;

namespace Admin.Imports;

/// <summary>
/// What importing users and importing assignments have in common: the file is checked whole before anything is
/// written, what is there is left alone, and a run that was interrupted is finished by the same run made again.
/// </summary>
internal sealed class Import
{
    /// <summary>How often rows are tried whose storage did not answer; one slow call must not end an import of thousands.</summary>
    private const int Tries = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly Argument<string> _file = new("file") { Description = "A CSV file in UTF-8 whose first line names its columns; - for standard input." };
    private readonly Option<bool> _skipInvalid = new("--skip-invalid") { Description = "Leave faulty lines out instead of refusing the file." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Check the file and say what would be done; write nothing." };

    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_skipInvalid);
        command.Add(_dryRun);
    }

    public bool Changes(ParseResult arguments) => !arguments.GetValue(_dryRun);

    public bool SkipsInvalid(ParseResult arguments) => arguments.GetValue(_skipInvalid);

    /// <exception cref="UnreadableFileException">The file as a whole can not be used.</exception>
    public async Task<IReadOnlyList<CsvLine>> ReadAsync(ParseResult arguments, CsvColumns columns, CancellationToken cancellation) =>
        CsvFile.Parse(await CsvText.ReadAsync(arguments.GetRequiredValue(_file), cancellation), columns);

    /// <param name="things">What rows are, for people.</param>
    /// <param name="write">
    /// Writes rows and gives the fault of each that was refused; is not cancelled halfway. It is told whether it has
    /// tried these rows before, so that some of them may be there.
    /// </param>
    public async Task<Outcome> RunAsync<T>(
        ParseResult arguments,
        Platform platform,
        long? licenseId,
        string things,
        IReadOnlyList<ImportRow<T>> rows,
        ImportBatches batches,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<string?>>> write,
        CancellationToken cancellation)
    {
        List<FaultJson> faults = [.. rows.Where(row => row.Fault is not null).Select(row => new FaultJson(row.Line, row.Fault!))];
        ImportRow<T>[] fresh = [.. rows.Where(row => row.Fault is null && !row.IsThere)];
        int there = rows.Count(row => row.Fault is null && row.IsThere);
        bool refused = faults.Count > 0 && !SkipsInvalid(arguments);
        bool dryRun = arguments.GetValue(_dryRun);
        (int added, bool interrupted) = (0, false);
        List<FaultJson> late = [];
        if (refused)
        {
            fresh = [];
        }
        else if (dryRun)
        {
            added = fresh.Length;
        }
        else
        {
            (added, late, interrupted) = await WriteAsync(things, fresh, batches, write, cancellation);
            faults.AddRange(late.OrderBy(fault => fault.Line));
        }

        ImportJson result = new(platform.Key, licenseId, rows.Count, added, there, faults, dryRun, interrupted);
        List<string> sentences = [.. faults.Select(fault => $"line {fault.Line}: {fault.Fault}")];
        if (refused)
        {
            sentences.Add($"Nothing was written: mend the lines above ({faults.Count}), or leave them out with --skip-invalid.");
        }
        else if (interrupted)
        {
            sentences.Add("Interrupted: run the same command again to finish, what is there is left alone.");
        }

        int exitCode = interrupted ? ExitCode.Interrupted : refused || late.Count > 0 ? ExitCode.Refused : ExitCode.Done;
        return new Outcome.Done(result, console => Show(result, things, refused, console), exitCode, [.. sentences]);
    }

    private static async Task<(int Added, List<FaultJson> Faults, bool Interrupted)> WriteAsync<T>(
        string things,
        ImportRow<T>[] rows,
        ImportBatches batches,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<string?>>> write,
        CancellationToken cancellation)
    {
        int added = 0;
        List<FaultJson> faults = [];
        bool interrupted = await Terminal.CountingAsync($"Importing {things}", rows.Length, async count =>
        {
            try
            {
                await Parallel.ForEachAsync(
                    rows.Chunk(batches.Size),
                    new ParallelOptions { MaxDegreeOfParallelism = batches.AtOnce, CancellationToken = cancellation },
                    async (batch, _) =>
                    {
                        IReadOnlyList<string?> ends = await WriteAsync([.. batch.Select(row => row.Value)], write);
                        lock (faults)
                        {
                            faults.AddRange(batch.Zip(ends)
                                .Where(row => row.Second is not null)
                                .Select(row => new FaultJson(row.First.Line, row.Second!)));
                            added += ends.Count(fault => fault is null);
                        }

                        count(batch.Length);
                    });
                return false;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return true;
            }
        });
        return (added, faults, interrupted);
    }

    private static async Task<IReadOnlyList<string?>> WriteAsync<T>(
        IReadOnlyList<T> rows, Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<string?>>> write)
    {
        for (int tried = 0; ; tried++)
        {
            try
            {
                return await write(rows, tried > 0);
            }
            catch (Exception exception) when (tried < Tries - 1 && StorageFault.IsTransient(exception))
            {
                await Task.Delay(FirstPause * (tried + Random.Shared.NextDouble()));
            }
        }
    }

    private static void Show(ImportJson result, string things, bool refused, IAnsiConsole console)
    {
        if (refused)
        {
            return;
        }

        console.MarkupLineInterpolated(
            $"[green]{result.Added:N0}[/] {things} {(result.DryRun ? "would be added" : "added")} to platform [bold]{result.PlatformKey}[/], {result.AlreadyThere:N0} there already, {result.Faults.Count:N0} left out.");
    }
}

/// <param name="Size">Rows that are written together.</param>
/// <param name="AtOnce">Batches under way at the same time.</param>
internal sealed record ImportBatches(int Size, int AtOnce);

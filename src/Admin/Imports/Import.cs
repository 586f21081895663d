using System.CommandLine;
using Licensing.Platforms;
using Licensing.Storage;
using Spectre.Console;

namespace Admin.Imports;

/// <summary>
/// What importing users and importing assignments have in common: the file is checked whole before anything is
/// written, what is there is left alone, and a run that was interrupted is finished by the same run made again.
/// </summary>
internal sealed class Import
{
    /// <summary>
    /// How often in a row storage may fail to answer before an import of thousands is given up. What failed is tried
    /// again by one batch at a time: storage that is overloaded gets less to do, and the import goes on slowly.
    /// </summary>
    private const int TriesInARow = 8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly Argument<string> _file = new("file") { Description = "A CSV file in UTF-8 whose first line names its columns; - for standard input.", CustomParser = Input.Path! };
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
    public async Task<IReadOnlyList<CsvLine>> ReadAsync(ParseResult arguments, CsvColumns columns, CancellationToken cancellationToken) =>
        CsvFile.Parse(await CsvText.ReadAsync(arguments.GetRequiredValue(_file), cancellationToken), columns);

    /// <param name="things">What rows are, for people.</param>
    /// <param name="write">
    /// Writes rows and says how each ended; is not cancelled halfway. It is told whether it has tried these rows before,
    /// so that some of them may be there.
    /// </param>
    public async Task<Outcome> RunAsync<T>(
        ParseResult arguments,
        Platform platform,
        long? licenseId,
        string things,
        IReadOnlyList<ImportRow<T>> rows,
        ImportBatches batches,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<RowEnd>>> write,
        CancellationToken cancellationToken)
    {
        List<FaultJson> faults = [.. rows.Where(row => row.Fault is not null).Select(row => new FaultJson(row.Line, row.Fault!))];
        ImportRow<T>[] fresh = [.. rows.Where(row => row.Fault is null && !row.IsThere)];
        int there = rows.Count(row => row.Fault is null && row.IsThere);
        bool refused = faults.Count > 0 && !SkipsInvalid(arguments);
        bool dryRun = arguments.GetValue(_dryRun);
        using WrittenRows written = new();
        bool interrupted = false;
        if (refused)
        {
            fresh = [];
        }
        else if (dryRun)
        {
            written.Added = fresh.Length;
        }
        else
        {
            interrupted = !await WriteAsync(things, fresh, batches, write, written, cancellationToken);
            faults.AddRange(written.Faults.OrderBy(fault => fault.Line));
        }

        ImportJson result = new(platform.Key, licenseId, rows.Count, written.Added, there + written.AlreadyThere, faults, dryRun, interrupted);
        List<string> sentences = [.. faults.Select(fault => $"line {fault.Line}: {fault.Fault}")];
        if (refused)
        {
            sentences.Add($"Nothing was written: fix the lines above ({faults.Count}), or leave them out with --skip-invalid.");
        }
        else if (interrupted)
        {
            sentences.Add("Interrupted: run the same command again to finish, what is there is left alone.");
        }

        int exitCode = interrupted ? ExitCode.Interrupted : refused || written.Faults.Count > 0 ? ExitCode.Refused : ExitCode.Done;
        return new Outcome.Done(result, console => Show(result, things, refused, console), exitCode, [.. sentences]);
    }

    /// <returns>Whether it came to its end.</returns>
    private static Task<bool> WriteAsync<T>(
        string things,
        ImportRow<T>[] rows,
        ImportBatches batches,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<RowEnd>>> write,
        WrittenRows written,
        CancellationToken cancellationToken) =>
        Terminal.CountingAsync($"Importing {things}", rows.Length, async count =>
        {
            try
            {
                await Parallel.ForEachAsync(
                    rows.Chunk(batches.Size),
                    new ParallelOptions { MaxDegreeOfParallelism = batches.AtOnce, CancellationToken = cancellationToken },
                    async (batch, stop) =>
                    {
                        IReadOnlyList<RowEnd> ends = await WriteAsync([.. batch.Select(row => row.Value)], write, written, stop);
                        written.Count([.. batch.Select(row => row.Line)], ends);
                        count(batch.Length);
                    });
                return true;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        });

    private static async Task<IReadOnlyList<RowEnd>> WriteAsync<T>(
        IReadOnlyList<T> rows,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<RowEnd>>> write,
        WrittenRows written,
        CancellationToken stop)
    {
        try
        {
            return await write(rows, false);
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            await written.Retries.WaitAsync(stop);
        }

        try
        {
            while (true)
            {
                await Task.Delay(FirstPause * (written.TriesInARow + Random.Shared.NextDouble()), stop);
                try
                {
                    return await write(rows, true);
                }
                catch (Exception exception) when (++written.TriesInARow < TriesInARow && StorageFault.IsTransient(exception))
                {
                    // Once more.
                }
            }
        }
        finally
        {
            written.Retries.Release();
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

/// <summary>How a row ended that was written.</summary>
internal abstract record RowEnd
{
    private RowEnd()
    {
    }

    public sealed record Added : RowEnd;

    /// <summary>Somebody else added the same meanwhile.</summary>
    public sealed record AlreadyThere : RowEnd;

    public sealed record Refused(string Fault) : RowEnd;
}

/// <summary>What a run has written so far; batches count at the same time.</summary>
internal sealed class WrittenRows : IDisposable
{
    private readonly Lock _lock = new();

    /// <summary>One at a time.</summary>
    public SemaphoreSlim Retries { get; } = new(1);

    /// <summary>Tries that failed since storage last took something; of <see cref="Retries"/>.</summary>
    public int TriesInARow { get; set; }

    public int Added { get; set; }

    public int AlreadyThere { get; private set; }

    public List<FaultJson> Faults { get; } = [];

    public void Count(IReadOnlyList<int> lines, IReadOnlyList<RowEnd> ends)
    {
        lock (_lock)
        {
            TriesInARow = 0;
            Added += ends.Count(end => end is RowEnd.Added);
            AlreadyThere += ends.Count(end => end is RowEnd.AlreadyThere);
            Faults.AddRange(lines.Zip(ends)
                .Where(row => row.Second is RowEnd.Refused)
                .Select(row => new FaultJson(row.First, ((RowEnd.Refused)row.Second).Fault)));
        }
    }

    public void Dispose() => Retries.Dispose();
}

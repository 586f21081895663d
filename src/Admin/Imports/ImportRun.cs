using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Imports;

/// <summary>
/// Imports checked rows. Writes nothing if a row is invalid and does not change existing rows. Running the same command
/// again completes an interrupted import.
/// </summary>
/// <param name="Thing">The noun for a row in messages, such as "user".</param>
/// <param name="Time">Measures the pauses between attempts.</param>
internal sealed record ImportRun(ImportRequest Request, Platform Platform, long? LicenseId, string Thing, BatchLimits Limits, TimeProvider Time)
{
    /// <summary>
    /// The failures in a row that end an import. Failed batches are retried one at a time, so that the import slows down when
    /// storage is overloaded.
    /// </summary>
    private const int MaxFailuresInARow = 8;

    /// <summary>Users added for this import; null if it does not create users.</summary>
    public int? UsersAdded { get; init; }

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <param name="check">Reads and checks the file; called more than once, because the rows are not kept in memory.</param>
    /// <param name="write">
    /// Writes a batch and returns the result of each row, without cancellation. The second argument says whether the batch
    /// was tried before, so that some of its rows may exist.
    /// </param>
    public async Task<Outcome> RunAsync<T>(
        Func<IEnumerable<ImportRow<T>>> check,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<RowResult>>> write,
        CancellationToken cancellationToken)
    {
        (int rows, int fresh, int existing, List<FaultJson> faults) = await Terminal.ShowingAsync(
            "Checking the file", _ => Task.FromResult(Count(check())));
        if (faults.Count > 0 && !Request.SkipInvalid)
        {
            return Refuse(Result(rows, added: 0, existing, faults));
        }

        if (Request.DryRun)
        {
            return Finish(Result(rows, fresh, existing, faults), ExitCode.Done);
        }

        using ImportProgress progress = new();
        bool interrupted = !await WriteAsync("Importing", check().Where(row => row.Fault is null && !row.Exists), fresh, write, progress, cancellationToken);
        faults.AddRange(progress.Faults.OrderBy(fault => fault.Line));
        return Finish(
            Result(rows, progress.Added, existing + progress.Existed, faults) with { Interrupted = interrupted },
            interrupted ? ExitCode.Interrupted : progress.Faults.Count > 0 ? ExitCode.Refused : ExitCode.Done);
    }

    private static (int Rows, int Fresh, int Existing, List<FaultJson> Faults) Count<T>(IEnumerable<ImportRow<T>> checkedRows)
    {
        (int rows, int fresh, int existing) = (0, 0, 0);
        List<FaultJson> faults = [];
        foreach (ImportRow<T> row in checkedRows)
        {
            rows++;
            if (row.Fault is not null)
            {
                faults.Add(new FaultJson(row.Line, row.Fault));
            }
            else if (row.Exists)
            {
                existing++;
            }
            else
            {
                fresh++;
            }
        }

        return (rows, fresh, existing, faults);
    }

    private ImportJson Result(int rows, int added, int existing, IReadOnlyList<FaultJson> faults) =>
        new(Platform.Key, LicenseId, rows, added, existing, faults, Request.DryRun, Interrupted: false, UsersAdded);

    private static Outcome.Done Refuse(ImportJson result) => new(
        result,
        _ => { },
        ExitCode.Refused,
        [.. Sentences(result), $"Nothing was written: fix the {Plural.For(result.Faults.Count, "line")} above ({result.Faults.Count}), or skip them with --skip-invalid."]);

    private Outcome.Done Finish(ImportJson result, int exitCode) => new(
        result,
        console => console.MarkupLineInterpolated(
            $"[green]{result.Added:N0}[/] {Plural.For(result.Added, Thing)} {(result.DryRun ? "would be added" : "added")} to platform [bold]{result.PlatformKey}[/], {result.AlreadyThere:N0} already there, {result.Faults.Count:N0} skipped.{(result.UsersAdded is { } users ? $" Users {(result.DryRun ? "that would be " : "")}added: {users:N0}." : "")}"),
        exitCode,
        result.Interrupted
            ? [.. Sentences(result), "Interrupted: run the same command again to finish; what exists is not changed."]
            : [.. Sentences(result)]);

    private static IEnumerable<string> Sentences(ImportJson result) => result.Faults.Select(fault => fault.ToString());

    /// <summary>Writes rows in batches, and retries batches after storage failures.</summary>
    /// <returns>Whether all were written; false after Ctrl-C.</returns>
    public Task<bool> WriteAsync<T>(
        string doing,
        IEnumerable<ImportRow<T>> rows,
        int total,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<RowResult>>> write,
        ImportProgress progress,
        CancellationToken cancellationToken) =>
        Terminal.CountingAsync($"{doing} {Thing}s", total, async count =>
        {
            try
            {
                await Parallel.ForEachAsync(
                    rows.Chunk(Limits.Size),
                    new ParallelOptions { MaxDegreeOfParallelism = Limits.AtOnce, CancellationToken = cancellationToken },
                    async (batch, cancellationToken) =>
                    {
                        IReadOnlyList<RowResult> results = await WriteBatchAsync([.. batch.Select(row => row.Value)], write, progress, cancellationToken);
                        progress.Count([.. batch.Select(row => row.Line)], results);
                        count(batch.Length);
                    });
                return true;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        });

    private async Task<IReadOnlyList<RowResult>> WriteBatchAsync<T>(
        IReadOnlyList<T> rows,
        Func<IReadOnlyList<T>, bool, Task<IReadOnlyList<RowResult>>> write,
        ImportProgress progress,
        CancellationToken cancellationToken)
    {
        try
        {
            return await write(rows, false);
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            await progress.Retries.WaitAsync(cancellationToken);
        }

        try
        {
            while (true)
            {
                await Task.Delay(FirstPause * (progress.FailuresInARow + Random.Shared.NextDouble()), Time, cancellationToken);
                try
                {
                    return await write(rows, true);
                }
                catch (Exception exception) when (++progress.FailuresInARow < MaxFailuresInARow && StorageFault.IsTransient(exception))
                {
                    // Try again.
                }
            }
        }
        finally
        {
            progress.Retries.Release();
        }
    }
}

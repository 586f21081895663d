using System.Collections.Concurrent;
using System.Globalization;
using Admin.Arguments;
using Admin.Imports;
using Admin.Output;
using Licensing.Platforms;
using Spectre.Console;
using TestSupport;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>How an import handles checked rows and storage failures.</summary>
public sealed class ImportRunTests
{
    private static readonly ImportRow<string>[] Mixed =
    [
        new(2, "ada", null, Exists: false),
        new(3, "bob", "username is missing", Exists: false),
        new(4, "eve", null, Exists: true),
        new(5, "fay", null, Exists: false),
        new(6, "gus", "email or id is required", Exists: true),
    ];

    private readonly VirtualTime _time = new();
    private readonly ConcurrentQueue<string> _written = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_with_invalid_lines_is_rejected_with_all_of_them_and_nothing_is_written(bool dryRun)
    {
        Outcome.Done outcome = await RunAsync(Run(dryRun: dryRun), Mixed, AddAllAsync);

        Assert.Equal(ExitCode.Refused, outcome.ExitCode);
        Assert.Equal(
            ["line 3: username is missing", "line 6: email or id is required", "Nothing was written: fix the lines above (2), or skip them with --skip-invalid."],
            outcome.Sentences);
        AssertResult(new ImportJson("acme", null, Rows: 5, Added: 0, AlreadyThere: 1, [new(3, "username is missing"), new(6, "email or id is required")], dryRun, Interrupted: false), outcome);
        Assert.Equal("", Text(outcome));
        Assert.Empty(_written);
    }

    [Fact]
    public async Task Invalid_or_existing_rows_are_skipped_on_request_and_the_others_are_written()
    {
        Outcome.Done outcome = await RunAsync(Run(skipInvalid: true), Mixed, AddAllAsync);

        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Equal(["line 3: username is missing", "line 6: email or id is required"], outcome.Sentences);
        AssertResult(new ImportJson("acme", null, Rows: 5, Added: 2, AlreadyThere: 1, [new(3, "username is missing"), new(6, "email or id is required")], DryRun: false, Interrupted: false), outcome);
        Assert.Equal("2 users added to platform acme, 1 already there, 2 skipped.", Text(outcome));
        Assert.Equal(["ada", "fay"], _written.Order());
    }

    [Fact]
    public async Task A_dry_run_reports_what_would_change_and_writes_nothing()
    {
        Outcome.Done outcome = await RunAsync(Run(skipInvalid: true, dryRun: true) with { LicenseId = 7, UsersAdded = 3 }, Mixed, AddAllAsync);

        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        AssertResult(new ImportJson("acme", 7, Rows: 5, Added: 2, AlreadyThere: 1, [new(3, "username is missing"), new(6, "email or id is required")], DryRun: true, Interrupted: false, UsersAdded: 3), outcome);
        Assert.Equal("2 users would be added to platform acme, 1 already there, 2 skipped. Users that would be added: 3.", Text(outcome));
        Assert.Empty(_written);
    }

    [Fact]
    public async Task Concurrently_added_rows_are_counted_and_rejected_rows_reported_in_order()
    {
        Outcome.Done outcome = await RunAsync(
            Run(size: 2) with { UsersAdded = 0 },
            Rows("a", "rejected 3", "there", "b", "rejected 6", "there"),
            (batch, _) => Task.FromResult<IReadOnlyList<RowResult>>([.. batch.Select<string, RowResult>(row =>
                row == "there" ? new RowResult.Existed() : row.StartsWith('r') ? new RowResult.Rejected(row) : new RowResult.Added())]));

        Assert.Equal(ExitCode.Refused, outcome.ExitCode);
        Assert.Equal(["line 3: rejected 3", "line 6: rejected 6"], outcome.Sentences);
        AssertResult(new ImportJson("acme", null, Rows: 6, Added: 2, AlreadyThere: 2, [new(3, "rejected 3"), new(6, "rejected 6")], DryRun: false, Interrupted: false, UsersAdded: 0), outcome);
        Assert.Equal("2 users added to platform acme, 2 already there, 2 skipped. Users added: 0.", Text(outcome));
    }

    [Fact]
    public async Task Rejected_rows_are_reported_in_file_order()
    {
        TaskCompletionSource second = new();

        Outcome.Done outcome = await RunAsync(Run(), Rows("first", "second"), async (batch, _) =>
        {
            if (batch[0] == "first")
            {
                await second.Task;
                return [new RowResult.Rejected("late")];
            }

            second.SetResult();
            return [new RowResult.Rejected("early")];
        });

        Assert.Equal(["line 2: late", "line 3: early"], outcome.Sentences);
    }

    [Fact]
    public async Task An_interrupted_import_completes_pending_batches_and_says_how_to_resume()
    {
        using CancellationTokenSource interrupt = new();

        Outcome.Done outcome = await RunAsync(
            Run(atOnce: 1),
            Rows("a", "b", "c"),
            async (batch, _) =>
            {
                if (batch[0] == "b")
                {
                    await interrupt.CancelAsync();
                }

                return await AddAllAsync(batch, false);
            },
            interrupt.Token);

        Assert.Equal(ExitCode.Interrupted, outcome.ExitCode);
        Assert.Equal(["Interrupted: run the same command again to finish; what exists is not changed."], outcome.Sentences);
        AssertResult(new ImportJson("acme", null, Rows: 3, Added: 2, AlreadyThere: 0, [], DryRun: false, Interrupted: true), outcome);
    }

    [Fact]
    public async Task Rows_are_written_in_batches_with_limited_concurrency()
    {
        TaskCompletionSource both = new();
        int inFlight = 0;
        ConcurrentQueue<(string Rows, int InFlight)> batches = [];

        await RunAsync(Run(size: 2, atOnce: 2), Rows("a", "b", "c", "d", "e"), async (batch, _) =>
        {
            int now = Interlocked.Increment(ref inFlight);
            batches.Enqueue((string.Concat(batch), now));
            if (now == 2)
            {
                both.TrySetResult();
            }

            await both.Task;
            Interlocked.Decrement(ref inFlight);
            return await AddAllAsync(batch, false);
        });

        Assert.Equal(["ab", "cd", "e"], batches.Select(batch => batch.Rows).Order());
        Assert.Equal(2, batches.Max(batch => batch.InFlight));
    }

    [Fact]
    public async Task A_batch_is_retried_with_growing_delays_when_storage_fails()
    {
        DateTimeOffset last = _time.GetUtcNow();
        List<TimeSpan> pauses = [];
        List<bool> triedBefore = [];

        Outcome.Done outcome = await RunAsync(Run(), Rows("a"), (batch, again) =>
        {
            pauses.Add(_time.GetUtcNow() - last);
            triedBefore.Add(again);
            last = _time.GetUtcNow();
            return pauses.Count < 8 ? throw new IOException() : AddAllAsync(batch, again);
        });

        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Equal([false, true, true, true, true, true, true, true], triedBefore);
        Assert.Equal(TimeSpan.Zero, pauses[0]);
        // One second, one more for each failure, and a random part, so that commands do not retry in step.
        Assert.All(pauses.Skip(1).Index(), pause => Assert.InRange(pause.Item, TimeSpan.FromSeconds(pause.Index), TimeSpan.FromSeconds(pause.Index + 1)));
    }

    [Fact]
    public async Task An_import_ends_after_nine_consecutive_storage_failures()
    {
        int tries = 0;

        await Assert.ThrowsAsync<IOException>(() => RunAsync(Run(), Rows("a"), (_, _) =>
        {
            tries++;
            throw new IOException();
        }));

        Assert.Equal(9, tries);
    }

    [Fact]
    public async Task A_success_resets_the_failure_count()
    {
        Dictionary<string, int> tries = [];

        Outcome.Done outcome = await RunAsync(Run(atOnce: 1), Rows("a", "b", "c"), (batch, again) =>
        {
            int number = tries[batch[0]] = tries.GetValueOrDefault(batch[0]) + 1;
            return number < 6 ? throw new IOException() : AddAllAsync(batch, again);
        });

        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Equal(["a", "b", "c"], _written);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unexpected_exception_is_not_retried(bool afterFailure)
    {
        int tries = 0;

        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Run(), Rows("a"), (_, _) =>
            ++tries == 1 && afterFailure ? throw new IOException() : throw new InvalidOperationException()));

        Assert.Equal(afterFailure ? 2 : 1, tries);
    }

    [Fact]
    public async Task Failed_batches_are_retried_one_at_a_time()
    {
        using CountdownEvent failed = new(3);

        Outcome.Done outcome = await RunAsync(Run(), Rows("a", "b", "c"), async (batch, again) =>
        {
            if (!again)
            {
                failed.Signal();
                throw new IOException();
            }

            Assert.True(failed.Wait(TimeSpan.FromMinutes(1), Cancellation));
            // The others start their pauses only when it is their turn.
            Assert.Equal(0, _time.Delays);
            return await AddAllAsync(batch, again);
        });

        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Equal(["a", "b", "c"], _written.Order());
    }

    [Fact]
    public async Task An_interruption_ends_the_delay_before_a_retry()
    {
        using CancellationTokenSource interrupt = new();
        Task<Outcome> run = Run().RunAsync(() => Rows("a", "b"), Failing, interrupt.Token);
        while (_time.Delays == 0)
        {
            await Task.Yield();
        }

        await interrupt.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, Assert.IsType<Outcome.Done>(await run).ExitCode);

        static Task<IReadOnlyList<RowResult>> Failing(IReadOnlyList<string> batch, bool again) => throw new IOException();
    }

    private ImportRun Run(bool skipInvalid = false, bool dryRun = false, int size = 1, int atOnce = 4) => new(
        new ImportRequest("people.csv", skipInvalid, dryRun),
        new Platform("acme", Org: null, Suspended: false),
        LicenseId: null,
        "user",
        new BatchLimits(size, atOnce),
        _time);

    /// <summary>Runs the import, and advances time when it waits.</summary>
    private async Task<Outcome.Done> RunAsync(
        ImportRun run,
        ImportRow<string>[] rows,
        Func<IReadOnlyList<string>, bool, Task<IReadOnlyList<RowResult>>> write,
        CancellationToken? cancellationToken = null)
    {
        Task<Outcome> outcome = Task.Run(() => run.RunAsync(() => rows, write, cancellationToken ?? Cancellation), Cancellation);
        while (!outcome.IsCompleted)
        {
            if (_time.Delays > 0)
            {
                _time.AdvanceToNextTimer(DateTimeOffset.MaxValue);
            }

            await Task.Yield();
        }

        return Assert.IsType<Outcome.Done>(await outcome);
    }

    private Task<IReadOnlyList<RowResult>> AddAllAsync(IReadOnlyList<string> batch, bool triedBefore)
    {
        foreach (string row in batch)
        {
            _written.Enqueue(row);
        }

        return Task.FromResult<IReadOnlyList<RowResult>>([.. batch.Select(_ => new RowResult.Added())]);
    }

    private static ImportRow<string>[] Rows(params string[] values) =>
        [.. values.Select((value, i) => new ImportRow<string>(i + 2, value, null, Exists: false))];

    private static void AssertResult(ImportJson expected, Outcome.Done outcome)
    {
        ImportJson result = Assert.IsType<ImportJson>(outcome.Result);
        Assert.Equal(expected.Faults, result.Faults);
        Assert.Equal(expected, result with { Faults = expected.Faults });
    }

    private static string Text(Outcome.Done outcome)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 1_000;
        outcome.Show(console);
        return text.ToString().TrimEnd();
    }
}

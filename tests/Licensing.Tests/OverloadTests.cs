using Azure.Data.Tables;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Licensing.Tests;

/// <summary>More requests on one license than storage can take, on in-memory tables and in virtual time.</summary>
public sealed class OverloadTests : IDisposable
{
    private const int Seconds = 30;

    /// <summary>Capacity in creates per second: groups of 49, one after another, 100 ms each.</summary>
    private const int Capacity = 490;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly VirtualTime _time = new();
    private readonly InMemoryTables _storage;
    private readonly LicenseStore _licenses;
    private readonly KnownAssignments _known = new();
    private readonly LicenseWriters _writers;
    private readonly List<(PendingChange Change, Task<WriterReply> Reply)> _pending = [];
    private readonly List<(TimeSpan At, TimeSpan After, Task<WriterReply> Result)> _answers = [];
    private readonly DateTimeOffset _start;
    private long _users;

    public OverloadTests()
    {
        _start = _time.GetUtcNow();
        _storage = new InMemoryTables(_time);
        _storage.CreateTable("Assignments");
        TableClientOptions options = new() { RetryPolicy = new RetryReads() };
        Tables tables = new(_storage.CreateClient(options), Options.Create(new TablesOptions()));
        IdSequence ids = new(tables);
        _licenses = new LicenseStore(tables, ids, _time, new Administrator("admin"));
        _writers = new LicenseWriters(tables, _licenses, new OwnAllotments("here"), _known, _time, Random.Shared, TaskScheduler.Default);
    }

    [Fact]
    public async Task At_twice_the_capacity_storage_stays_busy_and_afterwards_everything_succeeds()
    {
        await _licenses.CreateAsync("p", 1, "Course", seats: null, starts: null, expires: null, redirectTo: null, TestContext.Current.CancellationToken);
        await _licenses.FindAsync("p", 1, TestContext.Current.CancellationToken);
        _storage.Latency = TimeSpan.FromMilliseconds(100);

        await SendAsync(2 * Capacity, TimeSpan.FromSeconds(Seconds));

        int[] done = [.. Enumerable.Range(0, Seconds).Select(second => _answers.Count(answer => (answer.At.Ticks - 1) / TimeSpan.TicksPerSecond == second && IsDone(answer)))];
        TestContext.Current.TestOutputHelper?.WriteLine($"Creates a second: {string.Join(' ', done)}");
        Assert.All(done, each => Assert.InRange(each, Capacity * 8 / 10, Capacity));

        await FinishAsync();
        Assert.All(_answers, answer => Assert.True(IsDone(answer) || answer.Result.Exception?.InnerException is StorageUnavailableException, $"{answer}"));
        _storage.Latency = TimeSpan.Zero;
        Assert.Equal(_answers.Count(IsDone), (await _licenses.FindAsync("p", 1, TestContext.Current.CancellationToken))!.SeatsUsed);

        _storage.Latency = TimeSpan.FromMilliseconds(100);
        _answers.Clear();
        await SendAsync(Capacity / 2, TimeSpan.FromSeconds(5));
        await FinishAsync();
        Assert.All(_answers, answer => Assert.True(IsDone(answer) && answer.After < TimeSpan.FromSeconds(1), $"{answer}"));
    }

    public void Dispose() => _storage.Dispose();

    private static bool IsDone((TimeSpan At, TimeSpan After, Task<WriterReply> Result) answer) =>
        answer.Result is { IsCompletedSuccessfully: true, Result: WriterReply.Settled { Outcome: AssignmentOutcome.Saved } } && answer.After <= Deadlines.Request;

    /// <summary>Sends creates at a constant rate for a while.</summary>
    private async Task SendAsync(int perSecond, TimeSpan duration)
    {
        double due = 0;
        for (TimeSpan sent = TimeSpan.Zero; sent < duration; sent += Step)
        {
            for (due += perSecond * Step.TotalSeconds; due >= 1; due--)
            {
                PendingChange change = Create(++_users);
                _pending.Add((change, _writers.CommitAsync(change)));
            }

            await PassAsync(Step);
        }
    }

    private async Task FinishAsync()
    {
        while (_pending.Count > 0)
        {
            await PassAsync(Step);
        }
    }

    private async Task PassAsync(TimeSpan duration)
    {
        DateTimeOffset then = _time.GetUtcNow() + duration;
        do
        {
            await SettleAsync();
            _pending.RemoveAll(Answered);
        }
        while (_time.AdvanceToNextTimer(then));
    }

    /// <summary>Waits until the writer, if there is one, waits for storage or for its next attempt, or has retired.</summary>
    private async Task SettleAsync()
    {
        while (_writers.Count > 0 && _time.Delays == 0)
        {
            await Task.Yield();
        }
    }

    private bool Answered((PendingChange Change, Task<WriterReply> Reply) each)
    {
        if (!each.Change.Reply.IsCompleted)
        {
            return false;
        }

        _answers.Add((_time.GetUtcNow() - _start, Deadlines.Request - new TimeSpan(each.Change.Deadline - _time.GetTimestamp()), each.Change.Reply));
        return true;
    }

    private PendingChange Create(long user) => PendingCreate.Of(license: 1, user, deadline: _time.GetTimestamp() + Deadlines.Request.Ticks);
}

using System.Globalization;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Licensing.Tests.Schedules;

/// <summary>Four instances get twice as many creates on one license as a partition can write, on tables in memory and in virtual time.</summary>
public sealed class OverloadOnInstancesTests : IDisposable
{
    private const int Instances = 4;
    private const int Seconds = 30;
    private const int EntitiesPerSecond = 2_000;

    /// <summary>Creates per second with full transactions: 49 creates are 99 entities.</summary>
    private const int Capacity = EntitiesPerSecond * 49 / 99;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly VirtualTime _time = new();
    private readonly SeededScheduler _scheduler = new();
    private readonly InMemoryTables _storage;
    private readonly List<LicenseWriters> _instances = [];
    private readonly List<(PendingChange Change, Task<WriterReply> Reply)> _pending = [];
    private readonly List<Answer> _answers = [];
    private readonly DateTimeOffset _start;
    private long _users;

    public OverloadOnInstancesTests()
    {
        _start = _time.GetUtcNow();
        _storage = new InMemoryTables(_time);
        LicenseRow license = new(
            "p", 1, "Course", Seats: 1_000_000, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Allotments: 0, Version: 1);
        TableEntity row = LicenseRows.ToEntity(license);
        foreach (string absent in row.Where(property => property.Value is null).Select(property => property.Key).ToArray())
        {
            row.Remove(absent);
        }

        _storage.Fill("Assignments", [row]);
        for (int i = 0; i < Instances; i++)
        {
            Tables tables = new(_storage.CreateClient(new TableClientOptions { RetryPolicy = new RetryPolicy(maxRetries: 0) }), Options.Create(new TablesOptions()));
            LicenseStore licenses = new(tables, new IdSequence(tables), _time, new Administrator("admin"));
            _instances.Add(new LicenseWriters(tables, licenses, new OwnAllotments($"i{i}"), new KnownAssignments(), _time, new Random(i), _scheduler));
        }
    }

    [Fact]
    public void At_twice_the_capacity_storage_stays_busy_and_recovers_within_a_second()
    {
        _storage.Latency = TimeSpan.FromMilliseconds(10);
        _storage.EntitiesPerSecond = EntitiesPerSecond;

        Send(Capacity / 2, TimeSpan.FromSeconds(2));
        TimeSpan began = _time.GetUtcNow() - _start;
        Send(2 * Capacity, TimeSpan.FromSeconds(Seconds));
        TimeSpan ended = _time.GetUtcNow() - _start;
        Send(Capacity / 2, TimeSpan.FromSeconds(10));
        Finish();

        int[] done = [.. Enumerable.Range(0, Seconds).Select(second => _answers.Count(answer => answer.IsDone && (int)(answer.At - began).TotalSeconds == second && answer.At >= began))];
        Answer[] later = [.. _answers.Where(answer => answer.Asked >= ended + TimeSpan.FromSeconds(1))];
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Capacity {Capacity}. Creates a second: {string.Join(' ', done)}. Asked a second after the load's end: {later.Length}, the slowest {later.Max(answer => (answer.At - answer.Asked).TotalSeconds):F1} s."));
        Assert.All(done, each => Assert.InRange(each, Capacity * 8 / 10, Capacity * 12 / 10));
        Assert.All(_answers, answer => Assert.True(answer.IsDone || answer.Failure is StorageUnavailableException, $"{answer}"));
        Assert.All(later, answer => Assert.True(answer.IsDone, $"{answer}"));
    }

    /// <summary>An instance that never reads the license row would win every race against one that must read it first.</summary>
    [Fact]
    public void A_constantly_writing_instance_does_not_starve_another()
    {
        _storage.Latency = TimeSpan.FromMilliseconds(10);
        Send(3_000, TimeSpan.FromSeconds(1), instances: 1);

        Send(3_000, TimeSpan.FromSeconds(2), instances: 2);
        Finish();

        Assert.All(_answers, answer => Assert.True(answer.IsDone && answer.At - answer.Asked < TimeSpan.FromSeconds(1), $"{answer}"));
    }

    public void Dispose() => _storage.Dispose();

    /// <summary>Sends creates at this rate per second, evenly over time and instances.</summary>
    private void Send(int perSecond, TimeSpan duration, int instances = Instances)
    {
        double due = 0;
        for (TimeSpan sent = TimeSpan.Zero; sent < duration; sent += Step)
        {
            for (due += perSecond * Step.TotalSeconds; due >= 1; due--)
            {
                PendingChange change = Create(++_users);
                LicenseWriters writers = _instances[(int)(_users % instances)];
                _pending.Add((change, _scheduler.Start(() => writers.CommitAsync(change))));
            }

            Pass(Step);
        }
    }

    private void Finish()
    {
        while (_pending.Count > 0)
        {
            Pass(Step);
        }
    }

    private void Pass(TimeSpan duration)
    {
        DateTimeOffset then = _time.GetUtcNow() + duration;
        do
        {
            while (_scheduler.Count > 0)
            {
                _scheduler.Run(0);
            }

            _pending.RemoveAll(Answered);
        }
        while (_time.AdvanceToNextTimer(then));
    }

    private bool Answered((PendingChange Change, Task<WriterReply> Reply) each)
    {
        if (!each.Reply.IsCompleted)
        {
            return false;
        }

        TimeSpan asked = new(each.Change.Deadline - Deadlines.Request.Ticks - _start.Ticks);
        _answers.Add(new Answer(asked, _time.GetUtcNow() - _start, each.Reply.Exception?.InnerException));
        return true;
    }

    private PendingChange Create(long user) => PendingCreate.Of(license: 1, user, deadline: _time.GetTimestamp() + Deadlines.Request.Ticks);

    private sealed record Answer(TimeSpan Asked, TimeSpan At, Exception? Failure)
    {
        public bool IsDone => Failure is null;
    }
}

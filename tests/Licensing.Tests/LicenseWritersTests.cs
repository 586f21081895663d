using System.Diagnostics.Metrics;
using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Microsoft.Extensions.Options;
using Moq;
using Xunit;

namespace Licensing.Tests;

/// <summary>How the writers handle requests and memory, for every reply of storage; tests/Faults.Tests runs them on Azurite.</summary>
[Collection(AloneInProcess.Name)]
public sealed class LicenseWritersTests
{
    private readonly Mock<TableClient> _table = new();
    private readonly Tables _tables;
    private readonly LicenseStore _licenses;
    private readonly KnownAssignments _known = new();
    private readonly LicenseWriters _writers;

    /// <summary>The history in storage, by row key.</summary>
    private readonly Dictionary<string, TableEntity> _records = [];

    /// <summary>Handles a transaction; succeeds by default.</summary>
    private Func<IReadOnlyList<TableTransactionAction>, Task<Response<IReadOnlyList<Response>>>> _submit = DoneAsync;

    /// <summary>Runs before a history record is read.</summary>
    private Func<Task> _beforeReceipt = () => Task.CompletedTask;

    public LicenseWritersTests()
    {
        Mock<TableServiceClient> service = new();
        service.Setup(client => client.GetTableClient(It.IsAny<string>())).Returns(_table.Object);
        _table.Setup(table => table.GetEntityIfExistsAsync<TableEntity>("p", It.IsAny<string>(), null, It.IsAny<CancellationToken>()))
            .Returns((string _, string row, IEnumerable<string> _, CancellationToken _) => ReadAsync(row));
        _table.Setup(table => table.SubmitTransactionAsync(It.IsAny<IEnumerable<TableTransactionAction>>(), It.IsAny<CancellationToken>()))
            .Returns((IEnumerable<TableTransactionAction> actions, CancellationToken _) => _submit([.. actions]));
        _tables = new(service.Object, Options.Create(new TablesOptions()));
        _licenses = new LicenseStore(_tables, new IdSequence(_tables), TimeProvider.System, new Administrator("admin"));
        _writers = new LicenseWriters(_tables, _licenses, new OwnAllotments("here"), _known, TimeProvider.System, Random.Shared, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_hundred_thousand_licenses_leave_no_writers_and_no_memory_growth()
    {
        await ManyAsync(from: 0, to: 60_000);
        long before = Memory();

        await ManyAsync(from: 60_000, to: 160_000);

        await _writers.DisposeAsync();
        Assert.Equal(0, _writers.Count);
        Assert.InRange(Memory() / (double)before, 0, 1.1);
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task A_full_queue_rejects_the_next_request_at_once_and_serves_the_queued_ones()
    {
        TaskCompletionSource release = HoldTransactions(out TaskCompletionSource held);
        Task<WriterReply> first = _writers.CommitAsync(Create(license: 1, user: 1));
        await held.Task.WaitAsync(TestContext.Current.CancellationToken);
        Task<WriterReply>[] waiting = [.. Enumerable.Range(2, ChangeQueue.MaxWaiting).Select(user => _writers.CommitAsync(Create(license: 1, user)))];

        await Assert.ThrowsAsync<StorageUnavailableException>(() => _writers.CommitAsync(Create(license: 1, user: 1_000_000)));

        release.SetResult();
        AssertSaved(await first);
        Assert.All(await Task.WhenAll(waiting), AssertSaved);
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task A_change_that_storage_rejects_fails_without_the_others_in_its_group()
    {
        TaskCompletionSource release = HoldTransactions(out TaskCompletionSource held);
        Task<WriterReply> first = _writers.CommitAsync(Create(license: 1, user: 1));
        await held.Task.WaitAsync(TestContext.Current.CancellationToken);
        Task<WriterReply>[] together = [.. Enumerable.Range(2, 5).Select(user => _writers.CommitAsync(Create(license: 1, user)))];
        _submit = actions => actions.ToList().FindIndex(action => action.Entity.RowKey.StartsWith(TableKey.AssignmentsOf(4), StringComparison.Ordinal)) is >= 0 and var bad
            ? throw Refusal(bad)
            : DoneAsync(actions);

        release.SetResult();

        await first;
        await Assert.ThrowsAsync<TableTransactionFailedException>(() => together[2]);
        Assert.All(
            await Task.WhenAll(together.Where((_, i) => i != 2)),
            AssertSaved);
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task A_late_transaction_of_another_group_does_not_count_as_a_receipt_for_this_one()
    {
        TaskCompletionSource release = HoldTransactions(out TaskCompletionSource held);
        _ = _writers.CommitAsync(Create(license: 1, user: 1));
        await held.Task.WaitAsync(TestContext.Current.CancellationToken);
        PendingChange neighbor = Create(license: 1, user: 2);
        neighbor.Look = new Look(Began: 0, Ended: 0, Found: null);
        _ = _writers.CommitAsync(neighbor);
        Task<WriterReply> leaving = _writers.CommitAsync(Create(license: 1, user: 3));
        Task<WriterReply>? joining = null;
        IReadOnlyList<TableTransactionAction> late = [];
        int tries = 0;
        _submit = actions =>
        {
            switch (++tries)
            {
                case 1:
                    late = actions;
                    throw new IOException("No reply.");
                case 2:
                    joining = _writers.CommitAsync(Create(license: 1, user: 4));
                    throw Failure(409, actionOf: 3, actions);
                case 3:
                    Store(late);
                    throw Failure(412, index: 0);
                default:
                    throw Failure(409, actionOf: 2, actions);
            }
        };

        release.SetResult();

        Assert.IsType<WriterReply.LookFirst>(await leaving);
        Assert.IsType<WriterReply.LookFirst>(await joining!);
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task A_put_that_found_nothing_is_not_answered_from_an_older_cached_assignment()
    {
        PendingChange put = Create(license: 1, user: 1);
        put.Look = new Look(Began: 0, Ended: 0, Found: null);
        _known.Set(new Assignment("p", Id: 7, UserId: 1, LicenseId: 1, new AssignmentState(Active: true, Fulfilled: false, "{}"), Version: 1));

        Assert.IsType<WriterReply.LookFirst>(await _writers.CommitAsync(put));
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task Receipts_are_read_in_parallel_after_a_lost_reply()
    {
        TaskCompletionSource release = HoldTransactions(out TaskCompletionSource held);
        _ = _writers.CommitAsync(Create(license: 1, user: 1));
        await held.Task.WaitAsync(TestContext.Current.CancellationToken);
        Task<WriterReply>[] group = [.. Enumerable.Range(2, 49).Select(user => _writers.CommitAsync(Create(license: 1, user)))];
        _submit = actions =>
        {
            Store(actions);
            throw new IOException("No reply.");
        };
        int reading = 0;
        TaskCompletionSource together = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _beforeReceipt = () =>
        {
            // The first is read alone, the next ones in parallel.
            if (Interlocked.Increment(ref reading) == 3)
            {
                together.SetResult();
            }

            return reading == 1 ? Task.CompletedTask : together.Task;
        };

        release.SetResult();

        Assert.All(await Task.WhenAll(group), AssertSaved);
        Assert.Equal(49, reading);
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task A_failing_telemetry_listener_does_not_fail_a_committed_change()
    {
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "license_assignments.commit.size")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, _, _, _) => throw new InvalidOperationException("A fault while answering."));
        listener.Start();

        AssertSaved(await _writers.CommitAsync(Create(license: 1, user: 1)));
        AssertSaved(await _writers.CommitAsync(Create(license: 1, user: 2)));
        await _writers.DisposeAsync();
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task A_writer_does_not_retain_the_context_of_the_request_that_started_it()
    {
        AsyncLocal<string> caller = new();
        List<string?> seen = [];
        _submit = actions =>
        {
            seen.Add(caller.Value);
            return DoneAsync(actions);
        };
        caller.Value = "the first caller";

        await _writers.CommitAsync(Create(license: 1, user: 1));

        Assert.Equal([null], seen);
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task Draining_waits_for_changes_whose_callers_disconnected()
    {
        TaskCompletionSource release = HoldTransactions(out TaskCompletionSource held);
        _ = _writers.CommitAsync(Create(license: 1, user: 1));
        await held.Task.WaitAsync(TestContext.Current.CancellationToken);
        Task<WriterReply> next = _writers.CommitAsync(Create(license: 1, user: 2));

        Task drained = _writers.DisposeAsync().AsTask();
        Assert.False(drained.IsCompleted);
        release.SetResult();
        await drained;

        AssertSaved(await next);
        Assert.Equal(0, _writers.Count);
    }

    [Fact]
    [Trait("Speed", "Fast")]
    public async Task A_writer_is_removed_before_it_reports_its_retirement()
    {
        bool? retiredWhenRemoved = null;
        LicenseWriter writer = new(
            new LicenseSeats("p", 1, _licenses, new OwnAllotments("here"), TimeProvider.System, Random.Shared),
            new GroupCommit(_tables, TimeProvider.System, Random.Shared),
            _known,
            TimeProvider.System,
            TaskScheduler.Default,
            retire: removed => retiredWhenRemoved = removed.Retired.IsCompleted);

        Assert.True(writer.TryEnqueue(Create(license: 1, user: 1)));
        await writer.Retired;

        Assert.False(retiredWhenRemoved);
        Assert.False(writer.TryEnqueue(Create(license: 1, user: 2)));
    }

    private static void AssertSaved(WriterReply reply) =>
        Assert.IsType<AssignmentOutcome.Saved>(Assert.IsType<WriterReply.Settled>(reply).Outcome);

    private long Memory()
    {
        // The mock records every call.
        _table.Invocations.Clear();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private async Task ManyAsync(int from, int to)
    {
        for (int license = from; license < to; license += 100)
        {
            WriterReply[] results = await Task.WhenAll(
                Enumerable.Range(license + 1, 100).Select(id => _writers.CommitAsync(Create(id, user: id))));
            Assert.All(results, AssertSaved);
        }
    }

    private TaskCompletionSource HoldTransactions(out TaskCompletionSource held)
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource arrived = held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _submit = async actions =>
        {
            arrived.TrySetResult();
            await release.Task;
            return await DoneAsync(actions);
        };
        return release;
    }

    private static PendingChange Create(long license, long user) => PendingCreate.Of(
        license, user, deadline: TimeProvider.System.GetTimestamp() + (60 * TimeProvider.System.TimestampFrequency));

    private async Task<NullableResponse<TableEntity>> ReadAsync(string row)
    {
        if (!row.StartsWith(RowPrefix.Change, StringComparison.Ordinal))
        {
            return Response.FromValue(LicenseRow(row), new FakeResponse());
        }

        await _beforeReceipt();
        return _records.TryGetValue(row, out TableEntity? record) ? Response.FromValue(record, new FakeResponse()) : new NoEntity();
    }

    /// <summary>Adds the transaction's history records to storage.</summary>
    private void Store(IReadOnlyList<TableTransactionAction> actions)
    {
        foreach (TableTransactionAction action in actions.Where(action => action.Entity.RowKey.StartsWith(RowPrefix.Change, StringComparison.Ordinal)))
        {
            _records.Add(action.Entity.RowKey, (TableEntity)action.Entity);
        }
    }

    private static TableEntity LicenseRow(string row) => new("p", row)
    {
        ["Name"] = "Course",
        ["SeatsUsed"] = 0L,
        ["Version"] = 1L,
        ETag = new ETag("\"0\""),
    };

    private static Task<Response<IReadOnlyList<Response>>> DoneAsync(IReadOnlyList<TableTransactionAction> actions) =>
        Task.FromResult(Response.FromValue<IReadOnlyList<Response>>([.. actions.Select(_ => new FakeResponse())], new FakeResponse()));

    /// <summary>Formats the error as storage does: the index of the action precedes the message.</summary>
    private static TableTransactionFailedException Refusal(int index) => Failure(400, index);

    private static TableTransactionFailedException Failure(int status, int actionOf, IReadOnlyList<TableTransactionAction> actions) =>
        Failure(status, actions.ToList().FindIndex(action => action.Entity.RowKey.StartsWith(TableKey.AssignmentsOf(actionOf), StringComparison.Ordinal)));

    private static TableTransactionFailedException Failure(int status, int index)
    {
        RequestFailedException refused = new(status, $"{index}:The action failed.", "Failed", innerException: null);
        refused.Data["FailedEntity"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new TableTransactionFailedException(refused);
    }

    private sealed class NoEntity : NullableResponse<TableEntity>
    {
        public override bool HasValue => false;

        public override TableEntity Value => throw new InvalidOperationException();

        public override Response GetRawResponse() => new FakeResponse();
    }

    private sealed class FakeResponse : Response
    {
        public override int Status => 204;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; }

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose()
        {
        }

        protected override bool TryGetHeader(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
        {
            value = name.Equals("ETag", StringComparison.OrdinalIgnoreCase) ? "\"1\"" : null;
            return value is not null;
        }

        protected override bool TryGetHeaderValues(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = null;
            return false;
        }

        protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

        protected override IEnumerable<Azure.Core.HttpHeader> EnumerateHeaders() => [new("ETag", "\"1\"")];
    }
}

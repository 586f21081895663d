using Azure;
using Azure.Data.Tables;
using Licensing.Storage;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Licensing.Tests;

/// <summary>Id sequences, on in-memory tables.</summary>
[Trait("Speed", "Fast")]
public sealed class IdSequenceTests : IDisposable
{
    private readonly InMemoryTables _storage = new(new VirtualTime());
    private readonly Tables _tables;
    private readonly IdSequence _ids;
    private readonly List<string> _calls = [];

    public IdSequenceTests()
    {
        _storage.CreateTable("Assignments");
        _storage.BeforeCall = (call, _) =>
        {
            _calls.Add(call);
            return Task.CompletedTask;
        };
        _tables = new Tables(_storage.CreateClient(new TableClientOptions { RetryPolicy = new RetryReads() }), Options.Create(new TablesOptions()));
        _ids = new IdSequence(_tables);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _storage.Dispose();

    [Fact]
    public async Task Ids_start_at_1_and_each_lease_follows_the_last()
    {
        Assert.Equal(1, await LeaseAsync(500));
        Assert.Equal(501, await LeaseAsync(3));
        Assert.Equal(504, await LeaseAsync(1));
    }

    [Fact]
    public async Task Every_platform_and_kind_has_its_own_sequence_row()
    {
        await _ids.LeaseAsync("acme/1", IdKind.Assignment, 10, Cancellation);
        await _ids.LeaseAsync("acme/1", IdKind.License, 20, Cancellation);
        await _ids.LeaseAsync("acme/1", IdKind.User, 30, Cancellation);

        Assert.Equal(1, await _ids.LeaseAsync("other", IdKind.User, 1, Cancellation));
        Assert.Equal(
            [("sequence-assignment", "11"), ("sequence-license", "21"), ("sequence-user", "31")],
            _storage.Peek("Assignments", "acme=2F1", "sequence-").Select(row => (row["RowKey"]!.GetValue<string>(), row["Next"]!.GetValue<string>())));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Concurrent_leases_get_different_ids(bool isFirst)
    {
        long first = isFirst ? 1 : await LeaseAsync(10) + 10;
        List<long> between = [];
        OnFirstWrite(async () => between.Add(await LeaseAsync(10)));

        long leased = await LeaseAsync(10);

        Assert.Equal((first, first + 10), (between.Single(), leased));
    }

    [Fact]
    public async Task A_lease_fails_if_the_sequence_cannot_be_written()
    {
        await LeaseAsync(10);
        OnFirstWrite(() => throw new IOException("No reply."));
        await Assert.ThrowsAnyAsync<Exception>(() => LeaseAsync(10));

        // The row is deleted with its platform.
        OnFirstWrite(() => _tables.Assignments.DeleteEntityAsync("p", "sequence-assignment", ETag.All, Cancellation));
        RequestFailedException gone = await Assert.ThrowsAsync<RequestFailedException>(() => LeaseAsync(10));
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task An_explicit_id_is_not_leased()
    {
        await StepAsideAsync(1);
        Assert.Equal(2, await LeaseAsync(1));
        await StepAsideAsync(700);
        Assert.Equal(701, await LeaseAsync(1));
        await StepAsideAsync(702);
        Assert.Equal(703, await LeaseAsync(1));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(9)]
    public async Task An_explicit_id_below_the_sequence_costs_one_read_and_changes_nothing(long id)
    {
        await LeaseAsync(9);
        _calls.Clear();

        await StepAsideAsync(id);

        Assert.Single(_calls);
        Assert.Equal(10, await LeaseAsync(1));
    }

    [Fact]
    public async Task An_explicit_id_below_the_first_creates_no_row()
    {
        await StepAsideAsync(0);

        Assert.Empty(_storage.Peek("Assignments", "p", "sequence-"));
    }

    [Fact]
    public async Task Explicit_ids_beyond_32_bits_do_not_advance_the_sequence()
    {
        await StepAsideAsync(int.MaxValue);
        await StepAsideAsync(long.MaxValue);
        Assert.Empty(_calls);

        await StepAsideAsync(int.MaxValue - 1);
        Assert.Equal(int.MaxValue, await LeaseAsync(1));
    }

    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 20)]
    [InlineData(false, 100)]
    public async Task An_explicit_id_is_not_leased_even_if_another_instance_advances_the_sequence(bool isFirst, long id)
    {
        if (!isFirst)
        {
            await LeaseAsync(10);
        }

        OnFirstWrite(() => LeaseAsync(40));
        await StepAsideAsync(id);

        Assert.Equal(Math.Max(id + 1, isFirst ? 41 : 51), await LeaseAsync(1));
    }

    private Task<long> LeaseAsync(int count) => _ids.LeaseAsync("p", IdKind.Assignment, count, Cancellation);

    private Task StepAsideAsync(long id) => _ids.StepAsideAsync("p", IdKind.Assignment, id, Cancellation);

    /// <summary>Runs this between the next read and the write that follows it.</summary>
    private void OnFirstWrite(Func<Task> action)
    {
        bool isDone = false;
        _storage.BeforeCall = async (call, _) =>
        {
            if (!isDone && !call.StartsWith("GET", StringComparison.Ordinal))
            {
                isDone = true;
                await action();
            }
        };
    }
}

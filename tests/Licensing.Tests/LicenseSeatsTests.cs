using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Storage;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Licensing.Tests;

/// <summary>What an instance knows of a license's counter rows, and which it uses next, while other instances use the same storage.</summary>
[Trait("Speed", "Fast")]
public sealed class LicenseSeatsTests : IAsyncLifetime
{
    private readonly VirtualTime _time = new() { Ticks = true };
    private readonly InMemoryTables _storage;
    private readonly Tables _tables;
    private readonly List<string> _calls = [];
    private readonly Instance _here;
    private readonly Instance _there;
    private long _users;

    public LicenseSeatsTests()
    {
        _storage = new InMemoryTables(_time);
        _storage.CreateTable("Assignments");
        _tables = new Tables(_storage.CreateClient(new TableClientOptions { RetryPolicy = new RetryReads() }), Options.Create(new TablesOptions()));
        (_here, _there) = (New("here"), New("there"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _there.Licenses.CreateAsync("p", 1, "Course", seats: 1_000, starts: null, expires: null, redirectTo: null, Cancellation);
        _storage.BeforeCall = (call, _) =>
        {
            _calls.Add(call.StartsWith("PATCH", StringComparison.Ordinal) ? "touch"
                : !call.StartsWith("GET", StringComparison.Ordinal) ? "write"
                : call.Contains("RowKey", StringComparison.Ordinal) ? "row" : "range");
            return Task.CompletedTask;
        };
    }

    public ValueTask DisposeAsync()
    {
        _storage.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_license_is_read_once_and_then_tracked_from_each_write()
    {
        await WriteAsync(_here);
        await WriteAsync(_here);
        await WriteAsync(_here);

        Assert.Equal(["row", "write", "write", "write"], _calls);
        Assert.Equal(3, await SeatsUsedAsync());
    }

    [Fact]
    public async Task Losing_a_race_for_the_license_row_takes_an_allotment_that_replaces_it()
    {
        await LoseAsync(_here);

        SeatPlan taken = await WriteAsync(_here);
        Assert.True(taken.TakesAllotment);
        Assert.Equal(taken.Own!.Larger, _here.Own.Find("p", 1));

        _calls.Clear();
        Assert.Equal(taken.Own.Name, (await WriteAsync(_here)).Counter?.Name);
        Assert.Equal(taken.Own.Name, (await WriteAsync(_here)).Counter?.Name);
        Assert.Equal(["write", "write"], _calls);
    }

    [Fact]
    public async Task An_administrators_change_does_not_count_as_a_lost_race()
    {
        ChangeGroup group = await PrepareAsync(_here);
        await RenameAsync();
        Assert.IsType<CommitResult.Overtaken>(await FinishAsync(_here, group));

        Assert.Null((await WriteAsync(_here)).Own);
    }

    [Fact]
    public async Task An_instance_that_lost_two_races_for_an_allotment_wins_the_next()
    {
        await LoseAsync(_here);
        await LoseAsync(_here);
        await LoseAsync(_here);
        ChangeGroup theirs = await PrepareAsync(_there);
        _calls.Clear();

        ChangeGroup group = await PrepareAsync(_here);

        Assert.Equal(["touch", "row"], _calls);
        Assert.IsType<CommitResult.Overtaken>(await FinishAsync(_there, theirs));
        Assert.IsType<CommitResult.Written>(await FinishAsync(_here, group));
        _calls.Clear();
        await WriteAsync(_here);
        Assert.Equal(["write"], _calls);
    }

    [Fact]
    public async Task No_row_is_touched_after_one_lost_race_or_while_others_take_allotments()
    {
        await LoseAsync(_here);
        await LoseAsync(_here);
        await TakeAsync(_there);
        await LoseAsync(_here);

        await WriteAsync(_here);

        Assert.DoesNotContain("touch", _calls);
    }

    [Fact]
    public async Task An_administrators_change_resets_the_count_of_lost_races()
    {
        await LoseAsync(_here);
        ChangeGroup group = await PrepareAsync(_here);
        await RenameAsync();
        Assert.IsType<CommitResult.Overtaken>(await FinishAsync(_here, group));
        await LoseAsync(_here);

        await WriteAsync(_here);

        Assert.DoesNotContain("touch", _calls);
    }

    [Fact]
    public async Task Touching_the_row_is_tried_only_once()
    {
        await LoseAsync(_here);
        await LoseAsync(_here);
        await LoseAsync(_here);
        _storage.BeforeCall = (call, _) => call.StartsWith("PATCH", StringComparison.Ordinal) ? throw new IOException("No reply.") : Task.CompletedTask;

        Assert.True((await WriteAsync(_here)).TakesAllotment);
    }

    [Fact]
    public async Task An_insufficient_allotment_is_refilled_at_twice_its_size()
    {
        await TakeAsync(_there);
        SeatPlan taken = await TakeAsync(_here);
        _here.Seats.WantsAll = true;
        _calls.Clear();

        SeatPlan plan = await WriteAsync(_here);

        Assert.Equal(taken.Own!.Larger, plan.Own);
        Assert.Equal(taken.Own.Larger.Larger, _here.Own.Find("p", 1));
        Assert.Equal(["range", "write"], _calls);
    }

    [Fact]
    public async Task An_instance_without_its_allotment_uses_the_license_row_until_it_loses_a_race()
    {
        SeatPlan theirs = await TakeAsync(_there);
        SeatPlan taken = await TakeAsync(_here);
        Advance(TimeSpan.FromMinutes(6));
        _here.Seats.WantsAll = true;
        Assert.Equal([theirs.Own!.Name, taken.Own!.Name], (await WriteAsync(_here)).Folded.Select(each => each.Name).Order(StringComparer.Ordinal));
        _here.Seats.WantsAll = false;
        _calls.Clear();

        SeatPlan next = await WriteAsync(_here);

        Assert.Equal((null, null), (next.Counter, next.Own));
        Assert.Equal(["write"], _calls);
        await LoseAsync(_here);
        Assert.True((await WriteAsync(_here)).TakesAllotment);
    }

    [Fact]
    public async Task The_only_allotment_is_forgotten_when_folded()
    {
        SeatPlan taken = await TakeAsync(_here);
        _here.Seats.WantsAll = true;
        Assert.Equal([taken.Own!.Name], (await WriteAsync(_here)).Folded.Select(each => each.Name));
        _here.Seats.WantsAll = false;
        _calls.Clear();

        await WriteAsync(_here);

        Assert.Equal(["write"], _calls);
    }

    [Fact]
    public async Task An_allotment_folded_by_another_instance_is_replaced()
    {
        SeatPlan taken = await TakeAsync(_here);
        await TakeAsync(_there);
        Advance(TimeSpan.FromMinutes(6));
        await WriteAsync(_there);
        _there.Seats.WantsAll = true;
        Assert.Contains(taken.Own!.Name, (await WriteAsync(_there)).Folded.Select(each => each.Name));

        await WriteAsync(_here, lost: true);
        SeatPlan next = await WriteAsync(_here);

        Assert.True(next.TakesAllotment);
        Assert.NotEqual(taken.Own.Name, next.Own!.Name);
    }

    [Fact]
    public async Task Losing_a_race_for_anothers_allotment_takes_no_allotment()
    {
        SeatPlan theirs = await TakeAsync(_there);
        long free = (await _there.Licenses.SnapshotAsync("p", 1, Cancellation)).Row!.Free;
        await _there.Licenses.UpdateAsync("p", 1, license => license with { Seats = license.Seats - free }, Cancellation);
        _here.Seats.WantsAll = true;
        ChangeGroup group = await PrepareAsync(_here);
        Assert.Equal((theirs.Own!.Name, true), (group.Plan.Counter?.Name, group.Plan.UsesAnothers));
        await WriteAsync(_there);
        Assert.IsType<CommitResult.Overtaken>(await FinishAsync(_here, group));

        _here.Seats.WantsAll = false;

        Assert.Null((await PrepareAsync(_here)).Plan.Own);
    }

    [Fact]
    public async Task All_rows_are_read_with_the_fewest_calls_before_they_are_tried()
    {
        await WriteAsync(_here);
        _here.Seats.WantsAll = true;
        await AssertReadsAsync(_here, ["row"]);

        await TakeAsync(_there);
        await AssertReadsAsync(_here, ["row", "range"]);
        await AssertReadsAsync(_here, ["range"]);

        Instance third = New("third");
        await AssertReadsAsync(third, ["row"]);
        third.Seats.WantsAll = true;
        await AssertReadsAsync(third, ["range"]);
    }

    [Fact]
    public async Task A_license_is_read_again_when_a_write_returned_no_ETags()
    {
        ChangeGroup group = await PrepareAsync(_here);
        await CommitAsync(group);

        _here.Seats.Learn(group, new CommitResult.Written(License: null));

        await AssertReadsAsync(_here, ["row"]);
        group = await PrepareAsync(_here);
        await CommitAsync(group);
        _here.Seats.Learn(group, new CommitResult.WrittenBefore());
        await AssertReadsAsync(_here, ["row"]);
    }

    [Fact]
    public async Task An_allotment_taken_without_returned_ETags_is_owned()
    {
        await LoseAsync(_here);
        ChangeGroup group = await PrepareAsync(_here);
        await CommitAsync(group);

        _here.Seats.Learn(group, new CommitResult.WrittenBefore());

        Assert.Equal(group.Plan.Own!.Larger, _here.Own.Find("p", 1));
        await AssertReadsAsync(_here, ["range"]);
        Assert.Equal(group.Plan.Own.Name, (await WriteAsync(_here)).Counter?.Name);
    }

    [Fact]
    public async Task A_group_that_moves_no_seats_or_fails_by_itself_keeps_the_cached_license()
    {
        await WriteAsync(_here);
        ChangeGroup group = new(await PlanAsync(_here), _time.GetUtcNow());
        Assignment existing = new("p", Id: 50, UserId: 50, LicenseId: 1, new AssignmentState(Active: true, Fulfilled: false, "{}"), Version: 1);
        group.TryAdd(NewChange(), existing, existing.State with { Fulfilled = true });

        _here.Seats.Learn(group, new CommitResult.Written(License: null));
        await AssertReadsAsync(_here, []);
        _here.Seats.Learn(group, new CommitResult.WrittenBefore());
        await AssertReadsAsync(_here, []);
        group = await PrepareAsync(_here);
        _here.Seats.Learn(group, new CommitResult.Overtaken(new ChangeGroup.FailedMember(group.Members[0], IdIsInUse: false)));
        await AssertReadsAsync(_here, []);
        Assert.Null((await PlanAsync(_here)).Own);
    }

    [Fact]
    public async Task A_license_is_read_again_after_a_rejection_or_a_missing_reply()
    {
        ChangeGroup group = await PrepareAsync(_here);
        _here.Seats.Learn(group, new CommitResult.Rejected(new InvalidOperationException(), Culprit: null));
        await AssertReadsAsync(_here, ["row"]);

        _here.Seats.Learn(await PrepareAsync(_here), new CommitResult.NoReply(new IOException()));
        Assert.Null(_here.Own.Find("p", 1));
        await AssertReadsAsync(_here, ["row"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_allotment_taken_without_a_reply_is_owned_if_it_exists(bool isWritten)
    {
        await LoseAsync(_here);
        ChangeGroup group = await PrepareAsync(_here);
        if (isWritten)
        {
            await CommitAsync(group);
        }

        _here.Seats.Learn(group, new CommitResult.NoReply(new IOException()));

        Assert.Equal(group.Plan.Own, _here.Own.Find("p", 1));
        await AssertReadsAsync(_here, ["range"]);
        Assert.Equal(isWritten ? group.Plan.Own : null, _here.Own.Find("p", 1));
        SeatPlan next = await WriteAsync(_here);
        Assert.Equal((isWritten ? group.Plan.Own!.Name : null, !isWritten), (next.Counter?.Name, next.TakesAllotment));
    }

    private Instance New(string name)
    {
        LicenseStore licenses = new(_tables, new IdSequence(_tables), _time, new Administrator("admin"));
        OwnAllotments own = new(name);
        return new Instance(licenses, own, new LicenseSeats("p", 1, licenses, own, _time, new Random(1)));
    }

    /// <summary>A group with one create, decided on the instance's knowledge.</summary>
    private async Task<ChangeGroup> PrepareAsync(Instance instance)
    {
        ChangeGroup group = new(await PlanAsync(instance), _time.GetUtcNow());
        Assert.True(group.TryAdd(NewChange(), current: null, new AssignmentState(Active: true, Fulfilled: false, "{}")));
        return group;
    }

    private async Task<SeatPlan> PlanAsync(Instance instance) => instance.Seats.Plan(await instance.Seats.ReadAsync(), _time.GetUtcNow());

    private PendingChange NewChange() => PendingCreate.Of(license: 1, ++_users, deadline: long.MaxValue);

    private async Task<CommitResult> FinishAsync(Instance instance, ChangeGroup group)
    {
        CommitResult result = await CommitAsync(group);
        instance.Seats.Learn(group, result);
        return result;
    }

    private async Task<CommitResult> CommitAsync(ChangeGroup group)
    {
        long asOf = _time.GetTimestamp();
        try
        {
            Response<IReadOnlyList<Response>> response = await _tables.Assignments.SubmitTransactionAsync(group.ToTransaction(), Cancellation);
            return new CommitResult.Written(group.SeatMove?.ToSnapshot([.. response.Value.Select(each => each.Headers.ETag)], asOf, _time.GetUtcNow()));
        }
        catch (TableTransactionFailedException failed)
        {
            return new CommitResult.Overtaken(group.FailedAt(failed.FailedTransactionActionIndex!.Value));
        }
    }

    private async Task<SeatPlan> WriteAsync(Instance instance, bool lost = false)
    {
        ChangeGroup group = await PrepareAsync(instance);
        CommitResult result = await FinishAsync(instance, group);
        Assert.True(lost ? result is CommitResult.Overtaken { Culprit: null } : result is CommitResult.Written, $"{result}");
        return group.Plan;
    }

    /// <summary>Another instance, which need not read the license row, changes it first.</summary>
    private async Task LoseAsync(Instance instance)
    {
        ChangeGroup group = await PrepareAsync(instance);
        Instance faster = New("faster");
        Assert.Null((await WriteAsync(faster)).Counter);
        Assert.Equal(new CommitResult.Overtaken(Culprit: null), await FinishAsync(instance, group));
    }

    private async Task<SeatPlan> TakeAsync(Instance instance)
    {
        await LoseAsync(instance);
        SeatPlan plan = await WriteAsync(instance);
        Assert.True(plan.TakesAllotment);
        return plan;
    }

    private async Task AssertReadsAsync(Instance instance, string[] calls)
    {
        _calls.Clear();
        await instance.Seats.ReadAsync();
        Assert.Equal(calls, _calls);
    }

    private Task<License?> RenameAsync() => _there.Licenses.UpdateAsync("p", 1, license => license with { Name = "Renamed" }, Cancellation);

    private async Task<long> SeatsUsedAsync() => (await _there.Licenses.FindAsync("p", 1, Cancellation))!.SeatsUsed;

    private void Advance(TimeSpan duration)
    {
        DateTimeOffset then = _time.GetUtcNow() + duration;
        while (_time.AdvanceToNextTimer(then))
        {
        }
    }

    private sealed record Instance(LicenseStore Licenses, OwnAllotments Own, LicenseSeats Seats);
}

using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing;
using Licensing.Assignments;
using Licensing.Commit;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Transactions whose reply is lost, late or wrong, one at a time; tests/Faults.Tests mixes them at random.</summary>
public sealed class LostReplyTests(ApiHost host) : IAsyncLifetime
{
    private readonly TransactionFaults _faults = new();
    private LocalHostServer _server = null!;
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_faults, HttpPipelinePosition.PerRetry)));
        _world = await World.CreateAsync(_server, users: 3);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(TransactionFaults.Kind.ReplyLost)]
    [InlineData(TransactionFaults.Kind.FailedAfterDoing)]
    [InlineData(TransactionFaults.Kind.NotSent)]
    public async Task A_create_takes_one_seat_and_returns_200(TransactionFaults.Kind fault)
    {
        _faults.Next = fault;
        long id = await _world.AssignAsync(_world.User);

        Assert.Equal(id, await _world.AssignAsync(_world.User));
        Assert.Equal(1, (await _world.ReadLicenseAsync()).SeatsUsed);
    }

    [Theory]
    [InlineData(TransactionFaults.Kind.ReplyLost)]
    [InlineData(TransactionFaults.Kind.FailedAfterDoing)]
    [InlineData(TransactionFaults.Kind.NotSent)]
    public async Task A_delete_that_happened_is_not_404_when_repeated(TransactionFaults.Kind fault)
    {
        long id = await _world.AssignAsync(_world.User);
        _faults.Next = fault;

        using HttpResponseMessage deleted = await _world.DeleteAsync(id);

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(0, (await _world.ReadLicenseAsync()).SeatsUsed);
    }

    [Theory]
    [InlineData(TransactionFaults.Kind.ReplyLost)]
    [InlineData(TransactionFaults.Kind.NotSent)]
    public async Task An_update_leaves_one_history_record(TransactionFaults.Kind fault)
    {
        long id = await _world.AssignAsync(_world.User);
        _faults.Next = fault;

        using HttpResponseMessage updated = await _world.PutAsync(_world.User, new { fulfilled = true });

        await updated.OkAsync();
        Assert.Equal(2, await _world.Services.GetRequiredService<AssignmentStore>()
            .HistoryAsync(_world.Platform.Key, id, World.Cancellation).CountAsync(World.Cancellation));
    }

    [Fact]
    public async Task A_delete_committed_after_its_caller_disconnected_is_200_when_repeated()
    {
        long id = await _world.AssignAsync(_world.User);
        Action release = await DisconnectDuringDeleteAsync(id);

        release();
        AssignmentStore assignments = _world.Services.GetRequiredService<AssignmentStore>();
        while (await assignments.FindAsync(_world.Platform.Key, id, World.Cancellation) is { DeletedBy: null })
        {
            await Task.Yield();
        }

        using HttpResponseMessage again = await _world.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using HttpResponseMessage third = await _world.DeleteAsync(id);
        await third.ProblemAsync(404, "assignment_not_found");
    }

    [Fact]
    public async Task A_delete_repeated_while_the_first_is_in_flight_is_200_when_the_first_wins()
    {
        long id = await _world.AssignAsync(_world.User);
        Action release = await DisconnectDuringDeleteAsync(id);

        Task read = _faults.NextRead();
        Task<HttpResponseMessage> again = _world.DeleteAsync(id);
        await read;
        release();

        using HttpResponseMessage deleted = await again;
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(0, (await _world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task A_caller_that_disconnects_does_not_cancel_the_changes_of_others()
    {
        // One transaction is held, so that the next two callers share the one after it.
        Task held = _faults.HoldNext(out Action release);
        Task<long> first = _world.AssignAsync(_world.Users[0]);
        await held;
        using CancellationTokenSource leave = new();
        using HttpRequestMessage request = new(HttpMethod.Post, $"{World.Assignment}?license_id={_world.License.Id}")
        {
            Content = System.Net.Http.Json.JsonContent.Create(_world.Body(_world.Users[1])),
        };
        request.Headers.TryAddWithoutValidation("Authorization", _world.Key);
        Task<HttpResponseMessage> leaving = _world.Client.SendAsync(request, leave.Token);
        Task<long> staying = _world.AssignAsync(_world.Users[2]);
        await leave.CancelAsync();
        release();

        await first;
        await staying;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.InRange((await _world.ReadLicenseAsync()).SeatsUsed, 2, 3);
    }

    /// <summary>A caller disconnects while its delete is on the way to storage; the returned source lets it arrive there.</summary>
    private async Task<Action> DisconnectDuringDeleteAsync(long id)
    {
        Task held = _faults.HoldNext(out Action release);
        DeleteAssignment delete = new(_world.Platform.Key, _world.License.Id, id, "key", Guid.NewGuid());
        using CancellationTokenSource leave = new();
        Task<AssignmentOutcome> left = _world.Services.GetRequiredService<AssignmentService>().DeleteAsync(delete, leave.Token);
        await held;
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        return release;
    }
}

/// <summary>Makes the next entity group transaction fail, or delays it.</summary>
public sealed class TransactionFaults : HttpPipelinePolicy
{
    private TaskCompletionSource? _held;
    private TaskCompletionSource? _released;
    private TaskCompletionSource? _read;

    public enum Kind
    {
        None,
        NotSent,
        ReplyLost,
        FailedAfterDoing,
    }

    public Kind Next { get; set; }

    /// <summary>Completes when the next transaction arrives; it continues to storage when released.</summary>
    public Task HoldNext(out Action release)
    {
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _released = released;
        release = released.SetResult;
        return _held.Task;
    }

    /// <summary>Completes when storage has answered the next call that is not a transaction.</summary>
    public Task NextRead() => (_read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (message.Request.Method != RequestMethod.Post || !message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal))
        {
            await ProcessNextAsync(message, pipeline);
            Interlocked.Exchange(ref _read, null)?.SetResult();
            return;
        }

        if (Interlocked.Exchange(ref _held, null) is { } held)
        {
            held.SetResult();
            await _released!.Task;
        }

        Kind kind = Next;
        Next = Kind.None;
        if (kind != Kind.NotSent)
        {
            await ProcessNextAsync(message, pipeline);
        }

        if (kind is Kind.NotSent or Kind.ReplyLost)
        {
            throw new IOException("The connection broke.");
        }

        if (kind == Kind.FailedAfterDoing)
        {
            throw new Azure.RequestFailedException(500, "The operation failed.");
        }
    }
}

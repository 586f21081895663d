using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class SharedReadsTests
{
    private readonly SharedReads<int, string> _reads = new(TimeProvider.System);
    private readonly List<TaskCompletionSource<string?>> _sent = [];
    private TaskCompletionSource _sending = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_number_of_concurrent_callers_share_one_read()
    {
        Task<string?>[] callers = [.. Enumerable.Range(0, 64).Select(_ => AskAsync())];
        await _sending.Task;

        _sent.Single().SetResult("found");

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("found", value));
        Assert.Single(_sent);
    }

    [Fact]
    public async Task A_null_result_is_returned_only_to_earlier_callers_and_later_ones_share_the_next_read()
    {
        Task<string?> first = AskAsync();
        Task<string?>[] later = [.. Enumerable.Range(0, 64).Select(_ => AskAsync())];
        await SentAsync(result: null);
        await SentAsync("added");

        Assert.Null(await first);
        Assert.All(await Task.WhenAll(later), value => Assert.Equal("added", value));
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public async Task No_caller_waits_for_more_than_two_reads()
    {
        Task<string?> first = AskAsync();
        Task<string?> second = AskAsync();
        await SentAsync(result: null);
        Assert.Null(await first);
        await _sending.Task;
        Task<string?> third = AskAsync();
        await SentAsync(result: null);

        Assert.Null(await second);
        await SentAsync("added");
        Assert.Equal("added", await third);
    }

    [Fact]
    public async Task A_canceled_caller_does_not_cancel_the_shared_read()
    {
        using CancellationTokenSource leaves = new();
        Task<string?> first = AskAsync(leaves.Token);
        Task<string?> second = AskAsync();

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await SentAsync("found");

        Assert.Equal("found", await second);
    }

    [Fact]
    public async Task A_failed_read_fails_all_its_callers_and_the_next_caller_reads_again()
    {
        Task<string?> first = AskAsync();
        await _sending.Task;
        _sending = new TaskCompletionSource();
        _sent[0].SetException(new IOException("No answer."));
        await Assert.ThrowsAsync<IOException>(() => first);

        Task<string?> second = AskAsync();
        await SentAsync("found");

        Assert.Equal("found", await second);
    }

    private Task<string?> AskAsync(CancellationToken? cancellationToken = null) => _reads.GetAsync(
        1,
        _ =>
        {
            TaskCompletionSource<string?> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _sent.Add(reply);
            _sending.SetResult();
            return reply.Task;
        },
        cancellationToken ?? Cancellation);

    /// <summary>Waits for the next read and completes it.</summary>
    private async Task SentAsync(string? result)
    {
        await _sending.Task.WaitAsync(Cancellation);
        _sending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sent[^1].SetResult(result);
    }
}

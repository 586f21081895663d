using System.Collections.Concurrent;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Licensing.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Licensing.Tests;

/// <summary>When the last use of API keys is written.</summary>
[Trait("Speed", "Fast")]
public sealed class ApiKeyUseWriterTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AtTheEnd = TimeSpan.FromSeconds(2);

    /// <summary>The maximum wait of a test before it fails.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Clock _clock = new();
    private readonly InMemoryTables _storage;
    private readonly ApiKeyUses _uses;
    private readonly ApiKeyStore _keys;
    private readonly Warnings _warnings = new();
    private readonly ApiKeyUseWriter _writer;
    private ApiKey _key = null!;

    public ApiKeyUseWriterTests()
    {
        _storage = new InMemoryTables(_clock);
        _storage.CreateTable("ApiKeys");
        Tables tables = new(_storage.CreateClient(new TableClientOptions { RetryPolicy = new RetryReads() }), Options.Create(new TablesOptions()));
        _uses = new ApiKeyUses(tables, _clock);
        _keys = new ApiKeyStore(tables, _uses, _clock);
        _writer = new ApiKeyUseWriter(_uses, _clock, _warnings);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_key, _) = await _keys.CreateAsync(new Platform("p", Org: null, Suspended: false), name: null, expires: null, Cancellation);
        _uses.Note(_key.Id);
        await _writer.StartAsync(Cancellation);
        await _clock.TimerOfAsync(Interval);
    }

    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        _storage.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Uses_are_written_every_minute()
    {
        Task first = OnWriteAsync(_ => Task.CompletedTask);
        await TickAsync();
        await first.WaitAsync(Limit, Cancellation);

        _clock.Now += TimeSpan.FromHours(1);
        _uses.Note(_key.Id);
        Task second = OnWriteAsync(_ => Task.CompletedTask);
        await TickAsync();
        await second.WaitAsync(Limit, Cancellation);
        await _writer.StopAsync(Cancellation);

        Assert.Equal(_clock.Now, await LastUsedAsync());
    }

    [Fact]
    public async Task Pending_uses_are_written_at_shutdown_and_none_afterwards()
    {
        await _writer.StopAsync(Cancellation);

        Assert.Equal(_clock.Now, await LastUsedAsync());
        Assert.True(_writer.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Empty(_warnings.Messages);
    }

    [Fact]
    public async Task Shutdown_waits_at_most_two_seconds_for_storage()
    {
        Task held = OnWriteAsync(HangAsync);
        Task stop = _writer.StopAsync(Cancellation);
        await held.WaitAsync(Limit, Cancellation);
        Assert.False(stop.IsCompleted);

        (await _clock.TimerOfAsync(AtTheEnd))();

        await stop.WaitAsync(Limit, Cancellation);
        Assert.Empty(_warnings.Messages);
    }

    [Fact]
    public async Task Shutdown_waits_no_longer_than_the_host_does()
    {
        using CancellationTokenSource host = new();
        Task held = OnWriteAsync(HangAsync);
        Task stop = _writer.StopAsync(host.Token);
        await held.WaitAsync(Limit, Cancellation);

        await host.CancelAsync();

        await stop.WaitAsync(Limit, Cancellation);
    }

    [Fact]
    public async Task A_write_interrupted_by_shutdown_is_retried_without_a_warning()
    {
        Task held = OnWriteAsync(async cancellationToken =>
        {
            _storage.BeforeCall = (_, _) => Task.CompletedTask;
            await HangAsync(cancellationToken);
        });
        await TickAsync();
        await held.WaitAsync(Limit, Cancellation);

        await _writer.StopAsync(Cancellation).WaitAsync(Limit, Cancellation);

        Assert.NotNull(await LastUsedAsync());
        Assert.Empty(_warnings.Messages);
    }

    [Fact]
    public async Task A_failed_write_is_logged_without_its_message_and_retried()
    {
        Task failed = OnWriteAsync(_ => throw new IOException("https://account.table.core.windows.net/?sig=secret"));
        await TickAsync();
        await failed.WaitAsync(Limit, Cancellation);
        Task again = OnWriteAsync(_ => Task.CompletedTask);
        await TickAsync();
        await again.WaitAsync(Limit, Cancellation);
        await _writer.StopAsync(Cancellation);

        Assert.NotNull(await LastUsedAsync());
        string warning = Assert.Single(_warnings.Messages);
        Assert.Contains("will retry", warning, StringComparison.Ordinal);
        Assert.Contains("Exception", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", warning, StringComparison.Ordinal);
    }

    private static Task HangAsync(CancellationToken cancellationToken) => new TaskCompletionSource().Task.WaitAsync(cancellationToken);

    /// <summary>Runs this before the next write, and completes once that write has started.</summary>
    private Task OnWriteAsync(Func<CancellationToken, Task> write)
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _storage.BeforeCall = (call, cancellationToken) =>
        {
            if (call.StartsWith("GET", StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            begun.TrySetResult();
            return write(cancellationToken);
        };
        return begun.Task;
    }

    private async Task TickAsync() => (await _clock.TimerOfAsync(Interval))();

    private async Task<DateTimeOffset?> LastUsedAsync() => (await _keys.FindAsync(_key.Id, Cancellation))!.LastUsed;

    /// <summary>A clock that stands still; tests run its timers.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource<Action>> _timers = new();

        public DateTimeOffset Now { get; set; } = new(2026, 9, 1, 9, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        /// <summary>Waits for a timer that is due after this time, and runs it.</summary>
        public Task<Action> TimerOfAsync(TimeSpan due) => Timer(due).Task.WaitAsync(Limit, Cancellation);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timer(dueTime).TrySetResult(() => callback(state));
            return new Inert();
        }

        private TaskCompletionSource<Action> Timer(TimeSpan due) =>
            _timers.GetOrAdd(due, _ => new TaskCompletionSource<Action>(TaskCreationOptions.RunContinuationsAsynchronously));

        private sealed class Inert : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class Warnings : ILogger<ApiKeyUseWriter>
    {
        public ConcurrentQueue<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Enqueue(formatter(state, exception) + exception);
    }
}

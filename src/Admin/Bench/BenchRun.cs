using System.Collections.Concurrent;
using System.Diagnostics;
using Admin.Output;
using Licensing.Verification;

namespace Admin.Bench;

/// <summary>Measures a target with concurrent callers, each of which sends a request when its last one is answered.</summary>
/// <param name="calls">Counts the target's storage calls; null if another process makes them.</param>
internal sealed class BenchRun(IBenchTarget target, BenchPlatform bench, StorageCallCounter? calls)
{
    private readonly ConcurrentQueue<long> _users = new(bench.UserIds);
    private readonly ConcurrentDictionary<string, int> _failures = [];
    private bool _unsettled;

    /// <summary>Whether every request was answered.</summary>
    public bool IsSettled => !_unsettled;

    /// <summary>The number of failed requests by reason.</summary>
    public IReadOnlyDictionary<string, int> Failures => _failures;

    /// <summary>Sends one request of each kind per caller, to open connections, and returns the first failure, or null.</summary>
    public async Task<string?> TryOutAsync(int callers)
    {
        string?[] failures = await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            if (!_users.TryDequeue(out long user))
            {
                return null;
            }

            BenchAnswer created = Note(await target.CreateAsync(user));
            BenchAnswer checkedOnce = created.Failure is null ? Note(await target.CheckAsync(Email(caller))) : created;
            return checkedOnce.Failure ?? Note(await target.DeleteAsync(created.AssignmentId!.Value)).Failure;
        }));
        return failures.FirstOrDefault(failure => failure is not null);
    }

    /// <summary>Measures creates, checks and deletes, each for the given time or until nothing is left to create or delete.</summary>
    /// <param name="cancellationToken">Stops sending requests; those in flight are awaited.</param>
    public async Task<IReadOnlyList<MeasurementJson>> RoundAsync(int callers, TimeSpan time, Action<string> report, CancellationToken cancellationToken)
    {
        ConcurrentQueue<(long User, long Assignment)> created = [];
        return
        [
            await MeasureAsync("create", callers, time, report, async _ =>
            {
                if (!_users.TryDequeue(out long user))
                {
                    return null;
                }

                BenchAnswer answer = await target.CreateAsync(user);
                if (answer.AssignmentId is { } id)
                {
                    created.Enqueue((user, id));
                }

                return answer;
            }, cancellationToken),
            await MeasureAsync("check", callers, time, report, async request => await target.CheckAsync(Email(request)), cancellationToken),
            await MeasureAsync("delete", callers, time, report, async _ =>
            {
                if (!created.TryDequeue(out (long User, long Assignment) one))
                {
                    return null;
                }

                BenchAnswer answer = await target.DeleteAsync(one.Assignment);
                if (answer.Failure is null)
                {
                    _users.Enqueue(one.User);
                }

                return answer;
            }, cancellationToken),
        ];
    }

    /// <param name="send">Sends the request with this number; returns null if nothing is left to do.</param>
    private async Task<MeasurementJson> MeasureAsync(
        string operation, int callers, TimeSpan time, Action<string> report, Func<int, Task<BenchAnswer?>> send, CancellationToken cancellationToken)
    {
        report($"{operation}, {callers} {Plural.For(callers, "caller")}");
        ConcurrentBag<List<TimeSpan>> times = [];
        (int next, int failed, long callsBefore) = (0, 0, calls?.Calls ?? 0);
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                List<TimeSpan> own = [];
                times.Add(own);
                while (Stopwatch.GetElapsedTime(began) < time && !cancellationToken.IsCancellationRequested)
                {
                    long sent = Stopwatch.GetTimestamp();
                    if (await send(Interlocked.Increment(ref next)) is not { } answer)
                    {
                        return;
                    }

                    if (Note(answer).Failure is null)
                    {
                        own.Add(Stopwatch.GetElapsedTime(sent));
                    }
                    else
                    {
                        Interlocked.Increment(ref failed);
                    }
                }
            },
            CancellationToken.None)));
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        cancellationToken.ThrowIfCancellationRequested();
        return MeasurementJson.Of(operation, callers, [.. times.SelectMany(own => own)], failed, took, calls?.Calls - callsBefore);
    }

    private BenchAnswer Note(BenchAnswer answer)
    {
        if (answer.Failure is { } failure)
        {
            _failures.AddOrUpdate(failure, 1, (_, count) => count + 1);
        }

        if (!answer.IsSettled)
        {
            Volatile.Write(ref _unsettled, true);
        }

        return answer;
    }

    private string Email(int number) => bench.Emails[number % bench.Emails.Count];
}

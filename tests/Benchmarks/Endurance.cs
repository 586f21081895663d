using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using FunctionsHost;
using Licensing.Verification;

namespace Benchmarks;

/// <summary>
/// An hour of mixed requests at half the capacity of two published workers, on tables in memory, which stay as fast when they
/// grow. Halfway, storage restarts, one worker is stopped and the other is killed.
/// </summary>
internal static class Endurance
{
    private const int Clients = 32;
    private const int Licenses = 8;
    private const int UsersEach = 50;
    private const int Windows = 120;

    public static async Task RunAsync(Suite suite, Publication publication)
    {
        await using World world = await World.CreateInMemoryAsync(Clients * UsersEach);
        await world.AddEmailsAsync(world.Users);
        int license = await world.AddLicensesAsync(Licenses);
        await using TablesServer storage = await TablesServer.StartAsync(world.Memory!, ServerProcess.FreePort());
        await using WorkerHost first = await StartAsync(publication, world, storage);
        await using WorkerHost second = await StartAsync(publication, world, storage);
        using Traffic traffic = new(world.Key, [first.Address, second.Address], license, storage);

        TimeSpan warm = TimeSpan.FromSeconds(suite.Quick ? 10 : 60);
        await traffic.RunAsync(warm, rate: null);
        traffic.Take();
        await traffic.RunAsync(warm, rate: null);
        double capacity = traffic.Take().Milliseconds.Count / warm.TotalSeconds;
        Console.WriteLine($"  two workers serve {capacity:F0} requests a second");

        TimeSpan whole = TimeSpan.FromMinutes(suite.Quick ? 3 : 60);
        TimeSpan window = whole / Windows;
        Task requests = traffic.RunAsync(whole, capacity / 2);
        // One after another, so that each has its own effect.
        Queue<Func<Task>> disasters = new(
        [
            () => storage.RestartAsync(until: () => Task.WhenAny(traffic.AllRefused, requests)),
            () => first.TerminateWorkerAsync(CancellationToken.None),
            second.KillWorkerAsync,
        ]);
        List<Task> running = [requests];
        long began = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(window);
        while (await timer.WaitForNextTickAsync() && !requests.IsCompleted)
        {
            (List<double> milliseconds, int resent) = traffic.Take();
            milliseconds.Sort();
            EnduranceFigure figure = new(
                Stopwatch.GetElapsedTime(began).TotalMinutes,
                milliseconds.Count / window.TotalSeconds,
                milliseconds.Count == 0 ? null : milliseconds[milliseconds.Count / 2],
                milliseconds.Count == 0 ? null : milliseconds[milliseconds.Count * 99 / 100],
                resent,
                [Seen(first), Seen(second)]);
            suite.Results.Endurance.Add(figure);
            Console.WriteLine($"  {figure}");
            if (suite.Results.Endurance.Count >= Windows / 2 && disasters.TryDequeue(out Func<Task>? disaster))
            {
                running.Add(disaster());
            }
        }

        await Task.WhenAll(running);
        VerificationReport report = await world.VerifyAsync();
        Console.WriteLine($"  {report.Changes:N0} changes, {report.Violations.Count} violations");
        if (report.Violations.Count > 0)
        {
            throw new InvalidOperationException($"Not clean: {report.Violations[0]}");
        }
    }

    /// <summary>
    /// The growth of a process: the ratio of the last third to the middle third, for each half of the hour; the larger one.
    /// </summary>
    public static double GrownOfProcess(List<EnduranceFigure> figures, Func<EnduranceFigure, double?> value)
    {
        int half = figures.Count / 2;
        return new[] { figures[..half], figures[half..] }.Max(part => Ratio(part[(part.Count * 2 / 3)..], part[(part.Count / 3)..(part.Count * 2 / 3)], value));
    }

    /// <summary>The growth of the service across replaced processes: the ratio of the last third of the hour to the first.</summary>
    public static double Grown(List<EnduranceFigure> figures, Func<EnduranceFigure, double?> value) =>
        Ratio(figures[(figures.Count * 2 / 3)..], figures[..(figures.Count / 3)], value);

    private static double Ratio(List<EnduranceFigure> late, List<EnduranceFigure> early, Func<EnduranceFigure, double?> value) =>
        Spread.Of(late.Select(value).OfType<double>()).Median / Spread.Of(early.Select(value).OfType<double>()).Median;

    private static Task<WorkerHost> StartAsync(Publication publication, World world, TablesServer storage) => WorkerHost.StartAsync(
        publication.Worker,
        port: 0,
        ServerProcess.WorkerSettings(world, storage.ConnectionString).ToDictionary(setting => setting.Name, setting => (string?)setting.Value),
        CancellationToken.None);

    private static ProcessFigure? Seen(WorkerHost host)
    {
        try
        {
            using Process process = Process.GetProcessById(host.WorkerProcessId);
            return new ProcessFigure(process.WorkingSet64 / 1024.0 / 1024.0, process.HandleCount);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // The worker was killed and the host has not replaced it yet.
            return null;
        }
    }

    /// <summary>Clients that repeatedly create, check and update an assignment, send a wrong key, check an unknown address and delete.</summary>
    private sealed class Traffic : IDisposable
    {
        private const string Path = "api/catalog/licenses/user/assignment/";

        private readonly string _key;
        private readonly HttpClient[] _workers;
        private readonly int _license;
        private readonly Lock _lock = new();
        private List<double> _milliseconds = [];
        private readonly TablesServer _storage;
        private readonly TaskCompletionSource _allRefused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _resent;
        private int _refused;

        public Traffic(string key, Uri[] workers, int license, TablesServer storage)
        {
            (_key, _license, _storage) = (key, license, storage);
            _workers = [.. workers.Select(address => new HttpClient { BaseAddress = address })];
        }

        /// <summary>The latency of each request since the last call, and the number of repeated requests.</summary>
        public (List<double> Milliseconds, int Resent) Take()
        {
            lock (_lock)
            {
                (List<double>, int) taken = (_milliseconds, _resent);
                (_milliseconds, _resent) = ([], 0);
                return taken;
            }
        }

        /// <summary>Completes when as many requests failed as there are clients; each client then waits for storage.</summary>
        public Task AllRefused => _allRefused.Task;

        /// <param name="rate">Requests per second of all clients, each due at its time even if the previous one is not answered; null for no pause.</param>
        public Task RunAsync(TimeSpan time, double? rate) => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            long began = Stopwatch.GetTimestamp();
            TimeSpan between = rate is { } all ? TimeSpan.FromSeconds(Clients / all) : TimeSpan.Zero;
            Pace pace = new(began, between, between * client / Clients);
            for (int turn = 0; Stopwatch.GetElapsedTime(began) < time; turn++)
            {
                await CycleAsync(client, turn, pace);
            }
        })));

        public void Dispose() => Array.ForEach(_workers, worker => worker.Dispose());

        private async Task CycleAsync(int client, int turn, Pace pace)
        {
            int license = _license + ((client + turn) % Licenses);
            int user = 1 + (client * UsersEach) + (turn % UsersEach);
            string put = $"{Path}?license_id={license}";
            string created = await SendAsync(HttpMethod.Post, put, _key, $$"""{"license_id":{{license}},"user_id":{{user}}}""", 200);
            using JsonDocument assignment = JsonDocument.Parse(created);
            long id = assignment.RootElement.GetProperty("id").GetInt64();
            await SendAsync(HttpMethod.Get, $"{Path}check/?email={World.EmailOf(user)}", null, null, 200);
            await SendAsync(HttpMethod.Post, put, _key, $$"""{"license_id":{{license}},"user_id":{{user}},"fulfilled":true}""", 200);
            await SendAsync(HttpMethod.Post, put, "wrong", "{}", 401);
            await SendAsync(HttpMethod.Get, $"{Path}check/?email=nobody{client}@bench.example", null, null, 404);
            await SendAsync(HttpMethod.Delete, $"{Path}?license_id={license}&assignment_id={id}", _key, null, 200);

            async Task<string> SendAsync(HttpMethod method, string path, string? key, string? body, int status)
            {
                long due = await pace.NextAsync();
                string answer = await UntilAnsweredAsync(pace.Count % _workers.Length, method, path, key, body, status);
                lock (_lock)
                {
                    _milliseconds.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                }

                return answer;
            }
        }

        /// <summary>Repeats a request until it gets a response, as clients do while a worker or storage is unavailable.</summary>
        private async Task<string> UntilAnsweredAsync(int worker, HttpMethod method, string path, string? key, string? body, int status)
        {
            bool again = false;
            while (true)
            {
                (int answered, string text) = await OnceAsync(_workers[worker], method, path, key, body);
                if (answered == status || (again && method == HttpMethod.Delete && answered == 404))
                {
                    return text;
                }

                if (answered < 500)
                {
                    throw new InvalidOperationException($"{method} {path} was answered {answered}: {text}");
                }

                again = true;
                lock (_lock)
                {
                    _resent++;
                    if (++_refused == Clients)
                    {
                        _allRefused.SetResult();
                    }
                }

                await _storage.Serving;
            }
        }

        /// <summary>The status and body of the response; 503 if there was none.</summary>
        private static async Task<(int Status, string Body)> OnceAsync(HttpClient worker, HttpMethod method, string path, string? key, string? body)
        {
            using HttpRequestMessage request = new(method, path);
            if (key is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", $"Api-Key {key}");
            }

            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            try
            {
                using HttpResponseMessage response = await worker.SendAsync(request);
                return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
            }
            catch (HttpRequestException)
            {
                return ((int)HttpStatusCode.ServiceUnavailable, "");
            }
        }

        /// <summary>When a client's requests are due.</summary>
        private sealed class Pace(long began, TimeSpan between, TimeSpan offset)
        {
            public int Count { get; private set; }

            /// <summary>Waits until the next request is due, and returns the due time.</summary>
            public async Task<long> NextAsync()
            {
                TimeSpan due = offset + (between * Count++);
                await Rounds.UntilDueAsync(began, due);
                return between == TimeSpan.Zero ? Stopwatch.GetTimestamp() : began + (long)(due.TotalSeconds * Stopwatch.Frequency);
            }
        }
    }
}

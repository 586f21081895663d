using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing;
using Licensing.Commit;
using Licensing.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks;

/// <summary>
/// One license on several instances: service providers in one process that share only storage.
/// Requests arrive at random times, even if earlier ones are not answered.
/// </summary>
internal static class HotLicense
{
    public static readonly int[] Instances = [1, 2, 4, 8, 12];

    private const int DelayMilliseconds = 10;
    private const int Turns = 3;
    private const int LastSeats = 20;
    private const int LastCallers = 200;

    /// <summary>The share of one instance's maximum rate.</summary>
    private const double Load = 0.3;

    public static async Task RunAsync(Suite suite)
    {
        TimeSpan time = TimeSpan.FromSeconds(suite.Quick ? 3 : 20);
        double capacity = await CapacityAsync(suite);
        double rate = Load * capacity;
        Console.WriteLine($"  one instance, as fast as it can: {capacity:F0} a second; {rate:F0} a second arrive");
        Dictionary<int, List<Arrivals>> seen = Instances.ToDictionary(instances => instances, _ => new List<Arrivals>());
        for (int round = 0; round < Turns; round++)
        {
            // In turns, and every other round in reverse order, so that noise affects all alike.
            foreach (int instances in round % 2 == 0 ? Instances : [.. Instances.Reverse()])
            {
                Arrivals arrivals = await ArriveAsync(suite, instances, rate, time);
                seen[instances].Add(arrivals);
                Console.WriteLine($"  {instances,2} instances: {arrivals}");
            }
        }

        foreach (int instances in Instances)
        {
            List<Arrivals> rounds = seen[instances];
            suite.Results.HotLicense.Add(new HotLicenseFigure(
                instances,
                rate,
                Spread.Of(rounds.Select(each => each.Median)),
                Spread.Of(rounds.Select(each => each.Slow)),
                Spread.Of(rounds.Select(each => each.Calls)),
                Spread.Of(rounds.Select(each => each.Failed)),
                rounds.Sum(each => each.Refused)));
        }
    }

    public static async Task RunLastSeatsAsync(Suite suite)
    {
        foreach (int instances in Instances)
        {
            List<(int Given, double Milliseconds)> rounds = [];
            for (int round = 0; round < Turns; round++)
            {
                rounds.Add(await RushAsync(suite, instances));
            }

            suite.Results.LastSeats.Add(new LastSeatsFigure(
                instances, LastSeats, LastCallers, Spread.Of(rounds.Select(each => (double)each.Given)), Spread.Of(rounds.Select(each => each.Milliseconds))));
            Console.WriteLine($"  {instances,2} instances, {LastCallers} callers, {LastSeats} seats: {suite.Results.LastSeats[^1].Given} given, {suite.Results.LastSeats[^1].Milliseconds} ms");
        }
    }

    private static async Task<double> CapacityAsync(Suite suite)
    {
        await using World world = await suite.NewWorldAsync(4_000);
        await using Fleet fleet = new(world, instances: 1);
        long license = await world.AddLicensesAsync(1);
        int next = 0;
        await fleet.WarmAsync(license);
        return await Rounds.RateAsync(64, TimeSpan.FromSeconds(1.5), async _ =>
        {
            await fleet.CreateAsync(0, license, user: 100 + Interlocked.Increment(ref next));
            return next < 3_800;
        });
    }

    private static async Task<Arrivals> ArriveAsync(Suite suite, int instances, double rate, TimeSpan time)
    {
        int count = (int)(rate * time.TotalSeconds);
        await using World world = await suite.NewWorldAsync(count + 100);
        await using Fleet fleet = new(world, instances);
        long license = await world.AddLicensesAsync(1);
        await fleet.WarmAsync(license);
        fleet.Forget();
        Random random = new(instances);
        Task<double?>[] answers = new Task<double?>[count];
        long began = Stopwatch.GetTimestamp();
        double due = 0;
        for (int i = 0; i < count; i++)
        {
            due += -Math.Log(1 - random.NextDouble()) / rate;
            await Rounds.UntilDueAsync(began, TimeSpan.FromSeconds(due));
            (int instance, long user) = (random.Next(instances), 100 + i);
            answers[i] = Task.Run(() => TimeAsync(() => fleet.CreateAsync(instance, license, user)));
        }

        double?[] times = await Task.WhenAll(answers);
        if (await world.CountAsync(World.Platform, license) != times.Count(each => each is not null))
        {
            throw new InvalidOperationException("What was acknowledged is not what is stored.");
        }

        double[] served = [.. times.OfType<double>().Order()];
        return new Arrivals(
            served[served.Length / 2],
            served[served.Length * 99 / 100],
            fleet.Calls / (double)count,
            fleet.Failed / (double)Math.Max(1, fleet.Transactions),
            times.Count(each => each is null));
    }

    private static async Task<(int Given, double Milliseconds)> RushAsync(Suite suite, int instances)
    {
        await using World world = await suite.NewWorldAsync(LastCallers + 100);
        await using Fleet fleet = new(world, instances);
        long other = await world.AddLicensesAsync(1);
        await fleet.WarmAsync(other);
        long license = await world.AddLicensesAsync(1, LastSeats);
        long began = Stopwatch.GetTimestamp();
        bool[] given = await Task.WhenAll(Enumerable.Range(0, LastCallers).Select(i => Task.Run(() => fleet.CreateAsync(i % instances, license, user: 100 + i))));
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        int stored = await world.CountAsync(World.Platform, license);
        return stored == given.Count(each => each) ? (stored, milliseconds) : throw new InvalidOperationException("What was acknowledged is not what is stored.");
    }

    /// <summary>Milliseconds, or null if it got a 503.</summary>
    private static async Task<double?> TimeAsync(Func<Task<bool>> create)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            await create();
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        catch (StorageUnavailableException)
        {
            return null;
        }
    }

    /// <param name="Median">Median milliseconds from arrival to response.</param>
    /// <param name="Slow">The 99th percentile of the same.</param>
    /// <param name="Calls">Storage calls for each create.</param>
    /// <param name="Failed">Share of the transactions that conflicted with another writer.</param>
    /// <param name="Refused">Creates rejected with 503.</param>
    private sealed record Arrivals(double Median, double Slow, double Calls, double Failed, int Refused)
    {
        public override string ToString() => $"p50 {Median:F0} ms, p99 {Slow:F0} ms, {Calls:F2} calls a create, {100 * Failed:F1} % of transactions failed, {Refused} refused";
    }

    /// <summary>Several instances on the tables of a world.</summary>
    private sealed class Fleet : IAsyncDisposable
    {
        private readonly List<(ServiceProvider Services, Counting Calls)> _instances = [];

        public long Calls => _instances.Sum(each => each.Calls.Seen.Count);

        public long Transactions => _instances.Sum(each => each.Calls.Seen.Count(call => call.IsTransaction));

        public long Failed => _instances.Sum(each => each.Calls.Seen.Count(call => call is { IsTransaction: true, Failed: true }));

        public Fleet(World world, int instances)
        {
            for (int i = 0; i < instances; i++)
            {
                Counting calls = new();
                StorageCalls delay = new(TimeSpan.FromMilliseconds(DelayMilliseconds));
                ServiceCollection services = new();
                services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["Tables:ConnectionString"] = world.ConnectionString,
                    ["Tables:Prefix"] = world.Prefix,
                }).Build());
                services.AddLicensing().AddOptions<TableClientOptions>().Configure(options =>
                {
                    options.AddPolicy(calls, HttpPipelinePosition.PerRetry);
                    options.AddPolicy(delay, HttpPipelinePosition.PerRetry);
                });
                _instances.Add((services.BuildServiceProvider(), calls));
            }
        }

        /// <summary>Warms up each instance: connection, block of ids, cached license.</summary>
        public async Task WarmAsync(long license)
        {
            for (int i = 0; i < _instances.Count; i++)
            {
                await _instances[i].Services.GetRequiredService<AssignmentService>().PutAsync(Put(license, user: 1 + i, active: false), CancellationToken.None);
            }
        }

        public void Forget() => _instances.ForEach(each => each.Calls.Seen.Clear());

        /// <summary>Whether the user has a seat now.</summary>
        public async Task<bool> CreateAsync(int instance, long license, long user) =>
            await _instances[instance].Services.GetRequiredService<AssignmentService>().PutAsync(Put(license, user, active: true), CancellationToken.None)
                is AssignmentOutcome.Saved;

        public async ValueTask DisposeAsync()
        {
            foreach ((ServiceProvider services, _) in _instances)
            {
                await services.DisposeAsync();
            }
        }

        private static PutAssignment Put(long license, long user, bool active) => new(
            World.Platform, license, user, Email: null, active, Fulfilled: false, Metadata: null, "0123456789abcdef", Guid.CreateVersion7());
    }

    /// <summary>
    /// The storage calls of a create, without the read of its user, who is not cached, and without the lease of
    /// a block of ids.
    /// </summary>
    private sealed class Counting : HttpPipelinePolicy
    {
        public ConcurrentBag<(bool IsTransaction, bool Failed)> Seen { get; } = [];

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            string path = Uri.UnescapeDataString(message.Request.Uri.ToUri().AbsolutePath);
            bool isTransaction = path.EndsWith("$batch", StringComparison.Ordinal);
            if (!path.Contains("'user-", StringComparison.Ordinal) && !path.Contains("'sequence-", StringComparison.Ordinal))
            {
                // The response to a transaction is 202 even if it failed; then it has a single part.
                Seen.Add((isTransaction, isTransaction && message.Response.Content.ToMemory().Span.IndexOf("HTTP/1.1 4"u8) >= 0));
            }
        }
    }
}

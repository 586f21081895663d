using System.Diagnostics;

namespace Benchmarks;

/// <summary>Each operation, one after another, in platforms of different size; and the bare client's create as a control.</summary>
internal static class Growth
{
    public const string OfAssignments = "assignments of the platform";
    public const string BareCreate = "create, bare storage client";

    private const int Batch = 20;

    /// <summary>Few, because Azurite scans the table for these.</summary>
    private const int Checks = 4;

    public static async Task RunAsync(Suite suite) => await MeasureAsync(
        2 * suite.Rounds,
        suite.Results.Growth,
        [
            await PlaceAsync(suite, OfAssignments, 100),
            await PlaceAsync(suite, OfAssignments, suite.Quick ? 1_000 : 10_000),
            await PlaceAsync(suite, OfAssignments, suite.Quick ? 5_000 : 100_000),
            await PlaceAsync(suite, "platforms", 1),
            await PlaceAsync(suite, "platforms", suite.Quick ? 100 : 1_000),
            await PlaceAsync(suite, "users of the license", 1),
            await PlaceAsync(suite, "users of the license", suite.Quick ? 1_000 : 10_000),
        ]);

    /// <summary>The same on storage whose latency does not grow, which leaves the service's own part.</summary>
    public static async Task RunInMemoryAsync(Suite suite) => await MeasureAsync(
        12 * suite.Rounds,
        suite.Results.GrowthInMemory,
        [
            await PlaceAsync(suite, OfAssignments, 100, inMemory: true),
            await PlaceAsync(suite, OfAssignments, 10_000, inMemory: true),
            await PlaceAsync(suite, OfAssignments, 100_000, inMemory: true),
            await PlaceAsync(suite, OfAssignments, suite.Quick ? 200_000 : 1_000_000, inMemory: true),
        ]);

    private static async Task MeasureAsync(int rounds, List<GrowthFigure> figures, List<Place> places)
    {
        for (int round = -1; round < rounds; round++)
        {
            // Operation by operation, so that noise affects all sizes alike.
            for (int operation = 0; operation < Place.Operations; operation++)
            {
                foreach (Place place in places)
                {
                    await place.MeasureAsync(operation, counts: round >= 0);
                }
            }
        }

        foreach (Place place in places)
        {
            foreach (GrowthFigure figure in place.Figures())
            {
                figures.Add(figure);
                Console.WriteLine($"  {figure.Of} {figure.Size:N0}: {figure.Operation} {figure.Milliseconds} ms, {figure.Calls} calls, {figure.Rows} rows");
            }

            await place.DisposeAsync();
        }
    }

    private static async Task<Place> PlaceAsync(Suite suite, string of, int size, bool inMemory = false)
    {
        World world = inMemory ? await World.CreateInMemoryAsync(users: Batch + Checks) : await suite.NewWorldAsync(users: Batch + Checks);
        await world.AddEmailsAsync(world.Users);
        int first = await world.AddLicensesAsync(101);
        (long measured, long held) = (first, first + 1);
        await world.AddAssignmentsAsync(World.Platform, [.. Enumerable.Range(1, world.Users).Select(user => (held, (long)user))]);
        switch (of)
        {
            case OfAssignments:
                await world.AddAssignmentsAsync(
                    World.Platform, [.. Enumerable.Range(0, size - world.Users).Select(i => (held + 1 + (i % 99), 1_000L + (i / 99)))]);
                break;
            case "platforms":
                for (int i = 1; i < size; i++)
                {
                    await world.AddPlatformAsync($"other{i}");
                    await world.AddAssignmentsAsync($"other{i}", [.. Enumerable.Range(1, 10).Select(user => (1L, (long)user))]);
                }

                break;
            default:
                await world.AddAssignmentsAsync(World.Platform, [.. Enumerable.Range(0, size - 1).Select(i => (measured, 1_000L + i))]);
                break;
        }

        ServerProcess server = inMemory
            ? await ServerProcess.ServeHereAsync(world)
            : await ServerProcess.ServeAsync(world.ConnectionString, world.Prefix, delay: 0, countRows: true);
        return new Place(of, size, measured, world, server);
    }

    /// <summary>A world of some size and the server to measure in it.</summary>
    private sealed class Place(string of, int size, long license, World world, ServerProcess server) : IAsyncDisposable
    {
        private readonly ApiClient _api = new(world, server);
        private readonly BareClient _bare = new(world, delay: 0, World.Platform, firstId: 1_000_000_000);
        private readonly HttpCaller _stranger = new(server.Port);
        private readonly byte[] _refused = HttpCaller.Request("POST", "/api/catalog/licenses/user/assignment/", "a-malformed-key", "{}");
        private readonly Dictionary<string, List<Sample>> _samples = [];

        public const int Operations = 7;

        public async Task MeasureAsync(int operation, bool counts)
        {
            Pairs pairs = Pairs.OneLicense(license, Batch);
            // In the same partition, but on a separate license.
            Pairs barePairs = Pairs.OneLicense(license + 2, Batch);
            await (operation switch
            {
                0 => BatchAsync("401", Batch, async () => await _stranger.SendAsync(_refused, 401) is not null, counts),
                1 => BatchAsync("create", Batch, () => _api.CreateAsync(0, pairs), counts),
                2 => BatchAsync(BareCreate, Batch, () => _bare.CreateAsync(0, barePairs), counts),
                3 => BatchAsync("update", Batch, () => _api.UpdateAsync(0), counts),
                4 => BatchAsync("delete", Batch, () => _api.DeleteAsync(0), counts),
                5 => BatchAsync("check, known", Checks, () => _api.CheckAsync(0, Checks), counts),
                _ => BatchAsync("check, unknown", Batch, () => _api.CheckAsync(0, 0), counts),
            });
            while (operation == 2 && await _bare.DeleteAsync(0))
            {
            }
        }

        public IEnumerable<GrowthFigure> Figures() => _samples.Select(operation => new GrowthFigure(
            of,
            size,
            operation.Key,
            Spread.Of(operation.Value.Select(sample => sample.Milliseconds)),
            operation.Value.Average(sample => sample.Calls),
            operation.Value.Average(sample => sample.Rows)));

        public async ValueTask DisposeAsync()
        {
            _api.Dispose();
            _stranger.Dispose();
            await server.DisposeAsync();
            await world.DisposeAsync();
        }

        private async Task BatchAsync(string operation, int times, Func<Task<bool>> once, bool counts)
        {
            (_, long callsBefore, long rowsBefore) = await server.MeasuredAsync();
            double[] milliseconds = new double[times];
            for (int i = 0; i < times; i++)
            {
                long start = Stopwatch.GetTimestamp();
                await once();
                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            (_, long calls, long rows) = await server.MeasuredAsync();
            if (counts)
            {
                if (!_samples.TryGetValue(operation, out List<Sample>? samples))
                {
                    _samples.Add(operation, samples = []);
                }

                samples.Add(new Sample(Spread.Of(milliseconds).Median, (calls - callsBefore) / (double)times, (rows - rowsBefore) / (double)times));
            }
        }

        /// <summary>The median latency, and calls and rows per operation, of one batch.</summary>
        private sealed record Sample(double Milliseconds, double Calls, double Rows);
    }
}

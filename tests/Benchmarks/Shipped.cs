using System.Diagnostics;

namespace Benchmarks;

/// <summary>
/// The published worker under the test host, LocalHost, and the limit of both, in turns: the bare storage client, or for
/// rejected requests an empty worker under the test host. 64 callers.
/// </summary>
internal static class Shipped
{
    public const string Create = "create, many licenses";

    private const int Users = 1_500;
    private const int CheckedUsers = 50;

    public static async Task RunAsync(Suite suite, Publication publication)
    {
        await using World world = await suite.NewWorldAsync(Users);
        // Azurite scans for ranges, so the checks use a small world of their own.
        await using World checks = await suite.NewWorldAsync(CheckedUsers);
        await checks.AddEmailsAsync(CheckedUsers);
        int license = await checks.AddLicensesAsync(1);
        await checks.AddAssignmentsAsync(World.Platform, [.. Enumerable.Range(1, CheckedUsers).Select(user => ((long)license, (long)user))]);
        await StorageAsync(suite, publication, world);
        await ChecksAsync(suite, publication, checks);
        await RefusalsAsync(suite, publication, checks);
    }

    private static async Task StorageAsync(Suite suite, Publication publication, World world)
    {
        await using ServerProcess worker = await ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world), hooked: true);
        await using ServerProcess local = await ServerProcess.StartAsync(publication.LocalHost, ServerProcess.Settings(world.ConnectionString, world.Prefix), hooked: true);
        using ApiClient workerApi = new(world, worker);
        using ApiClient localApi = new(world, local);
        BareClient bare = new(world, delay: 0);
        await workerApi.WarmAsync();
        await localApi.WarmAsync();
        // Both have licenses of their own, so that they do not compete.
        int first = await world.AddLicensesAsync(Callers.Most * Callers.LicensesEach);
        int second = await world.AddLicensesAsync(Callers.Most * Callers.LicensesEach);
        Pairs workerPairs = Pairs.Spread(first, Users);
        Pairs localPairs = Pairs.Spread(second, Users);
        Pairs barePairs = Pairs.Spread(first, Users);
        await CompareAsync(Create, caller => workerApi.CreateAsync(caller, workerPairs), caller => localApi.CreateAsync(caller, localPairs), caller => bare.CreateAsync(caller, barePairs));
        await CompareAsync("update", workerApi.UpdateAsync, localApi.UpdateAsync, bare.UpdateAsync);
        await CompareAsync("delete", workerApi.DeleteAsync, localApi.DeleteAsync, bare.DeleteAsync);

        Task CompareAsync(string operation, Func<int, Task<bool>> onWorker, Func<int, Task<bool>> onLocal, Func<int, Task<bool>> onBare) =>
            Shipped.CompareAsync(suite, operation, times: 300, Side.Of(worker, onWorker), Side.Of(local, onLocal), Side.Here(onBare));
    }

    private static async Task ChecksAsync(Suite suite, Publication publication, World world)
    {
        await using ServerProcess worker = await ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world), hooked: true);
        await using ServerProcess local = await ServerProcess.StartAsync(publication.LocalHost, ServerProcess.Settings(world.ConnectionString, world.Prefix), hooked: true);
        using ApiClient workerApi = new(world, worker);
        using ApiClient localApi = new(world, local);
        BareClient bare = new(world, delay: 0);
        foreach ((string operation, int users) in new[] { ("check, known", CheckedUsers), ("check, unknown", 0) })
        {
            await CompareAsync(
                suite,
                operation,
                times: 1_000,
                Side.Of(worker, caller => workerApi.CheckAsync(caller, users)),
                Side.Of(local, caller => localApi.CheckAsync(caller, users)),
                Side.Here(caller => bare.CheckAsync(caller, users)));
        }
    }

    private static async Task RefusalsAsync(Suite suite, Publication publication, World world)
    {
        await using ServerProcess worker = await ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world), hooked: true);
        await using ServerProcess local = await ServerProcess.StartAsync(publication.LocalHost, ServerProcess.Settings(world.ConnectionString, world.Prefix), hooked: true);
        await using ServerProcess empty = await ServerProcess.StartWorkerAsync(publication.EmptyWorker, [], hooked: true);
        const int warm = 30_000;
        await Cost.RefuseAsync(worker, HostLimit.Unauthorized, warm);
        await Cost.RefuseAsync(local, HostLimit.Unauthorized, warm);
        await Cost.RefuseAsync(empty, WorkerLimit.EmptyRefused, warm);
        foreach ((string answer, int status, byte[] request) in HostLimit.Refusals(world))
        {
            using Repeated onWorker = new(worker, request, status);
            using Repeated onLocal = new(local, request, status);
            using Repeated onEmpty = new(empty, WorkerLimit.EmptyRefused, 401);
            await CompareAsync(
                suite, answer, times: 6_000, Side.Of(worker, onWorker.SendAsync), Side.Of(local, onLocal.SendAsync), Side.Of(empty, onEmpty.SendAsync));
        }
    }

    private static async Task CompareAsync(Suite suite, string operation, int times, Side worker, Side local, Side limit)
    {
        Side[] sides = [worker, local, limit];
        List<Sample>[] samples = [[], [], []];
        // The first round is a warm-up; the side that starts rotates.
        for (int round = -1; round < suite.Rounds; round++)
        {
            for (int turn = 0; turn < sides.Length; turn++)
            {
                int side = (turn + round + 1) % sides.Length;
                Sample sample = await MeasureAsync(sides[side], times);
                if (round >= 0)
                {
                    samples[side].Add(sample);
                }
            }
        }

        ShippedFigure figure = new(
            operation,
            Beside(sample => sample.PerSecond),
            Beside(sample => sample.CpuMilliseconds),
            Beside(sample => sample.AllocatedKilobytes));
        suite.Results.Shipped.Add(figure);
        Console.WriteLine($"  {operation}: {figure.PerSecond}; CPU {figure.CpuMilliseconds}; KB {figure.AllocatedKilobytes}");

        ThreeSides Beside(Func<Sample, double> value) => new(
            Spread.Of(samples[0].Select(value)),
            Spread.Of(samples[1].Select(value)),
            Spread.Of(samples[2].Select(value)),
            Spread.Of(samples[0].Zip(samples[1], (a, b) => value(a) / value(b))),
            Spread.Of(samples[0].Zip(samples[2], (a, b) => value(a) / value(b))));
    }

    private static async Task<Sample> MeasureAsync(Side side, int times)
    {
        long bytes = await side.Allocated();
        TimeSpan cpu = side.Cpu();
        long start = Stopwatch.GetTimestamp();
        await Rounds.TimesAsync(Callers.Most, times, side.Once);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double milliseconds = (side.Cpu() - cpu).TotalMilliseconds;
        return new Sample(times / seconds, milliseconds / times, (await side.Allocated() - bytes) / 1024.0 / times);
    }

    /// <param name="Once">Receives the caller.</param>
    private sealed record Side(Func<int, Task<bool>> Once, Func<TimeSpan> Cpu, Func<Task<long>> Allocated)
    {
        public static Side Of(ServerProcess server, Func<int, Task<bool>> once) => new(once, () => server.Cpu, server.AllocatedAsync);

        /// <summary>The bare client, which runs in this process.</summary>
        public static Side Here(Func<int, Task<bool>> once) =>
            new(once, () => Process.GetCurrentProcess().TotalProcessorTime, () => Task.FromResult(GC.GetTotalAllocatedBytes()));
    }

    private sealed record Sample(double PerSecond, double CpuMilliseconds, double AllocatedKilobytes);

    /// <summary>A request that each caller repeats on its own connection.</summary>
    private sealed class Repeated(ServerProcess server, byte[] request, int status) : IDisposable
    {
        private readonly HttpCaller[] _callers = [.. Enumerable.Range(0, Callers.Most).Select(_ => new HttpCaller(server.Port))];

        public async Task<bool> SendAsync(int caller)
        {
            await _callers[caller].SendAsync(request, status);
            return true;
        }

        public void Dispose() => Array.ForEach(_callers, caller => caller.Dispose());
    }
}

using System.Diagnostics;

namespace Benchmarks;

/// <summary>CPU and bytes allocated per request, and the memory of the process after many.</summary>
internal static class Cost
{
    public const string CreateSpread = "create, many licenses";

    private const int WorkingSetUsers = 4_000;

    public static async Task RunAsync(Suite suite)
    {
        int times = suite.Quick ? 500 : 1_000;
        const int users = 1_500;
        await using World world = await suite.NewWorldAsync(users);
        await world.AddEmailsAsync(1);
        await using ServerProcess server = await ServerProcess.ServeAsync(world.ConnectionString, world.Prefix, delay: 0);
        using ApiClient api = new(world, server);
        BareClient bare = new(world, delay: 0);
        await api.WarmAsync();
        int first = await world.AddLicensesAsync(Callers.Most * Callers.LicensesEach);
        Pairs apiPairs = Pairs.Spread(first, users);
        Pairs barePairs = Pairs.Spread(first, users);
        await CompareAsync(CreateSpread, caller => api.CreateAsync(caller, apiPairs), caller => bare.CreateAsync(caller, barePairs));
        await CompareAsync("update", api.UpdateAsync, bare.UpdateAsync);
        await CompareAsync("delete", api.DeleteAsync, bare.DeleteAsync, times / 2);
        await CompareAsync("check, unknown", caller => api.CheckAsync(caller, 0), caller => bare.CheckAsync(caller, 0));

        async Task CompareAsync(string operation, Func<int, Task<bool>> one, Func<int, Task<bool>> other, int? fewer = null)
        {
            List<double> apiBytes = [], bareBytes = [];
            Compared cpu = await Rounds.InterleaveAsync(
                suite.Rounds,
                () => MeasureAsync(one, () => server.Cpu, async () => (await server.MeasuredAsync()).Allocated, apiBytes),
                () => MeasureAsync(other, () => Process.GetCurrentProcess().TotalProcessorTime, () => Task.FromResult(GC.GetTotalAllocatedBytes()), bareBytes));
            Compared bytes = Compared.FromSamples(apiBytes, bareBytes);
            suite.Results.Cost.Add(new CostFigure(operation, cpu, bytes));
            Console.WriteLine($"  {operation}: CPU {cpu.A} / {cpu.B} ms = {cpu.Ratio}; allocated {bytes.A} / {bytes.B} KB = {bytes.Ratio}");

            async Task<double> MeasureAsync(Func<int, Task<bool>> once, Func<TimeSpan> cpuNow, Func<Task<long>> bytesNow, List<double> kilobytes)
            {
                int each = fewer ?? times;
                long bytesBefore = await bytesNow();
                TimeSpan before = cpuNow();
                await Rounds.TimesAsync(Callers.Most, each, once);
                double milliseconds = (cpuNow() - before).TotalMilliseconds / each;
                kilobytes.Add((await bytesNow() - bytesBefore) / 1024.0 / each);
                return milliseconds;
            }
        }
    }

    /// <summary>The memory of LocalHost and of the published worker, unmodified, after many requests of several kinds.</summary>
    public static async Task RunWorkingSetAsync(Suite suite, Publication publication)
    {
        await using World world = await suite.NewWorldAsync(WorkingSetUsers);
        await WorkingSetAsync(suite, world, "LocalHost", () => ServerProcess.StartAsync(publication.LocalHost, ServerProcess.Settings(world.ConnectionString, world.Prefix)));
        await WorkingSetAsync(suite, world, "worker", () => ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world)));
    }

    private static async Task WorkingSetAsync(Suite suite, World world, string process, Func<Task<ServerProcess>> startAsync)
    {
        int requests = suite.Quick ? 10_000 : 100_000;
        await using ServerProcess service = await startAsync();
        using ApiClient api = new(world, service);
        await api.CheckAsync(0, 0);
        Add(1);
        // 40% creates, on one license after another; 30% checks; 30% rejected requests.
        for (int left = requests * 4 / 10; left > 0; left -= WorkingSetUsers)
        {
            Pairs pairs = Pairs.OneLicense(await world.AddLicensesAsync(1), WorkingSetUsers);
            await Rounds.TimesAsync(Callers.Most, Math.Min(left, WorkingSetUsers), caller => api.CreateAsync(caller, pairs));
            api.ForgetMade();
        }

        await Rounds.TimesAsync(Callers.Most, requests * 3 / 10, caller => api.CheckAsync(caller, 0));
        await RefuseAsync(service, HostLimit.Unauthorized, requests * 3 / 10);
        Add(requests);

        void Add(int sent)
        {
            double megabytes = service.WorkingSet / 1024.0 / 1024.0;
            suite.Results.WorkingSet.Add(new WorkingSetFigure(process, sent, megabytes));
            Console.WriteLine($"  {process}, after {sent:N0} requests: {megabytes:F0} MB");
        }
    }

    public static async Task RefuseAsync(ServerProcess server, byte[] request, int times)
    {
        HttpCaller[] callers = [.. Enumerable.Range(0, Callers.Most).Select(_ => new HttpCaller(server.Port))];
        await Rounds.TimesAsync(Callers.Most, times, async caller =>
        {
            await callers[caller].SendAsync(request, 401);
            return true;
        });
        Array.ForEach(callers, caller => caller.Dispose());
    }
}

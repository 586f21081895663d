namespace Benchmarks;

/// <summary>Responses without storage calls, beside a bare Kestrel endpoint with responses of the same size.</summary>
internal static class HostLimit
{
    private const string Path = "/api/catalog/licenses/user/assignment/?license_id=1";

    /// <summary>A request that is rejected because its key is malformed.</summary>
    public static readonly byte[] Unauthorized = HttpCaller.Request("POST", Path, "a-malformed-key", """{"license_id":1,"user_id":1}""");

    public static (string Answer, int Status, byte[] Request)[] Refusals(World world) =>
    [
        ("401, malformed key", 401, Unauthorized),
        ("400, malformed body", 400, HttpCaller.Request("POST", Path, world.Key, """{"license_id":1,"user_id":1""")),
    ];

    public static async Task RunAsync(Suite suite, Publication publication)
    {
        await using World world = await suite.NewWorldAsync(users: 1);
        await using ServerProcess service = await ServerProcess.StartAsync(publication.LocalHost, ServerProcess.Settings(world.ConnectionString, world.Prefix), hooked: true);
        await using ServerProcess empty = await ServerProcess.StartAsync(publication.EmptyApp, [], hooked: true);
        byte[] bare = HttpCaller.Request("POST", "/", "a-malformed-key", """{"license_id":1,"user_id":1}""");
        suite.Results.Host.AddRange(await CompareAsync(suite, world, service, empty, bare));
    }

    /// <summary>Requests that the service rejects, beside those that the baseline rejects, by concurrent callers.</summary>
    public static async Task<List<HostFigure>> CompareAsync(Suite suite, World world, ServerProcess service, ServerProcess limit, byte[] limitRequest)
    {
        // Until both are fully compiled.
        const int warm = 30_000;
        await Cost.RefuseAsync(service, Unauthorized, warm);
        await Cost.RefuseAsync(limit, limitRequest, warm);
        List<HostFigure> figures = [];
        foreach (int callers in suite.Callers)
        {
            foreach ((string answer, int status, byte[] request) in Refusals(world))
            {
                List<double> serviceCpu = [], limitCpu = [];
                Compared compared = await Rounds.InterleaveAsync(
                    2 * suite.Rounds,
                    () => RateAsync(service, callers, suite.Time * 2, request, status, serviceCpu),
                    () => RateAsync(limit, callers, suite.Time * 2, limitRequest, 401, limitCpu));
                Compared cpu = Compared.FromSamples(serviceCpu, limitCpu);
                figures.Add(new HostFigure(answer, callers, compared, cpu));
                Console.WriteLine($"  {callers,2} callers, {answer}: {compared.A.Median:F0} / {compared.B.Median:F0} = {compared.Ratio}; CPU {cpu.A} / {cpu.B} µs = {cpu.Ratio}");
            }
        }

        return figures;
    }

    /// <summary>The rate of a repeated request; records its CPU time in the server's process, in microseconds.</summary>
    public static async Task<double> RateAsync(ServerProcess server, int callers, TimeSpan time, byte[] request, int status, List<double> cpus)
    {
        HttpCaller[] connections = [.. Enumerable.Range(0, callers).Select(_ => new HttpCaller(server.Port))];
        await Task.WhenAll(connections.Select(connection => connection.ConnectAsync()));
        int sent = 0;
        TimeSpan before = server.Cpu;
        double rate = await Rounds.RateAsync(callers, time, async caller =>
        {
            await connections[caller].SendAsync(request, status);
            Interlocked.Increment(ref sent);
            return true;
        });
        cpus.Add((server.Cpu - before).TotalMicroseconds / sent);
        Array.ForEach(connections, connection => connection.Dispose());
        return rate;
    }
}

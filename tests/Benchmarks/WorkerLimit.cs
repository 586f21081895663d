namespace Benchmarks;

/// <summary>The published worker beside an empty one, both under the test host, in turns.</summary>
internal static class WorkerLimit
{
    public const string Unauthorized = "401, malformed key";
    public const string Malformed = "400, malformed body";

    private const string EmptyPath = "/api/empty";
    private const string ApiPath = "/api/catalog/licenses/user/assignment/?license_id=1";

    private static readonly byte[] EmptyRefused = HttpCaller.Request("POST", EmptyPath, "a-malformed-key", "{}");

    public static async Task RunAsync(Suite suite, Publication publication)
    {
        await using World world = await suite.NewWorldAsync(users: 1);
        await world.AddEmailsAsync(1);
        int license = await world.AddLicensesAsync(1);
        await world.AddAssignmentsAsync(World.Platform, [(license, 1L)]);
        await StartAsync(suite, publication, world);
        await RefuseAsync(suite, publication, world);
    }

    private static async Task StartAsync(Suite suite, Publication publication, World world)
    {
        byte[] check = HttpCaller.Request("GET", $"/api/catalog/licenses/user/assignment/check/?email={World.EmailOf(1)}");
        byte[] empty = HttpCaller.Request("GET", EmptyPath);
        List<double> serviceCpu = [], emptyCpu = [];
        Compared elapsed = await Rounds.InterleaveAsync(
            suite.Quick ? 5 : 13,
            () => Start.FirstAsync(() => ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world)), check, 200, serviceCpu),
            () => Start.FirstAsync(() => ServerProcess.StartWorkerAsync(publication.EmptyWorker), empty, 200, emptyCpu));
        StartFigure figure = new("empty worker", elapsed, Compared.OfNoted(serviceCpu, emptyCpu));
        suite.Results.WorkerStart.Add(figure);
        Console.WriteLine($"  worker / {figure.With}: {elapsed.A} / {elapsed.B} ms = {elapsed.Ratio}; CPU {figure.CpuMilliseconds.A} / {figure.CpuMilliseconds.B} ms = {figure.CpuMilliseconds.Ratio}");
    }

    private static async Task RefuseAsync(Suite suite, Publication publication, World world)
    {
        byte[] refused = HttpCaller.Request("POST", ApiPath, "a-malformed-key", "{}");
        await using ServerProcess service = await ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world));
        await using ServerProcess empty = await ServerProcess.StartWorkerAsync(publication.EmptyWorker);
        int requests = suite.Quick ? 10_000 : 100_000;
        await FillAsync("worker, 401 alone", service, refused);
        await FillAsync("empty worker, 401 alone", empty, EmptyRefused);
        // By now both are compiled as far as they ever will be.
        foreach (int callers in suite.Callers)
        {
            await CompareAsync(Unauthorized, callers, 401, refused);
            await CompareAsync(Malformed, callers, 400, HttpCaller.Request("POST", ApiPath, world.Key, """{"license_id":1,"user_id":1"""));
        }

        async Task CompareAsync(string answer, int callers, int status, byte[] request)
        {
            List<double> serviceCpu = [], emptyCpu = [];
            Compared compared = await Rounds.InterleaveAsync(
                suite.Rounds,
                () => HostLimit.RateAsync(service, callers, suite.Time * 2, request, status, serviceCpu),
                () => HostLimit.RateAsync(empty, callers, suite.Time * 2, EmptyRefused, 401, emptyCpu));
            Compared cpu = Compared.OfNoted(serviceCpu, emptyCpu);
            suite.Results.Worker.Add(new HostFigure(answer, callers, compared, cpu));
            Console.WriteLine($"  {callers,2} callers, {answer}: {compared.A.Median:F0} / {compared.B.Median:F0} = {compared.Ratio}; CPU {cpu.A} / {cpu.B} µs = {cpu.Ratio}");
        }

        async Task FillAsync(string process, ServerProcess server, byte[] request)
        {
            await Cost.RefuseAsync(server, request, requests);
            suite.Results.WorkingSet.Add(new WorkingSetFigure(process, requests, server.WorkingSet / 1024.0 / 1024.0));
            Console.WriteLine($"  {process}, after {requests:N0} requests: {server.WorkingSet / 1024.0 / 1024.0:F0} MB");
        }
    }
}

namespace Benchmarks;

/// <summary>The published worker beside an empty one, both under the test host, in turns.</summary>
internal static class WorkerLimit
{
    private const string EmptyPath = "/api/empty";

    /// <summary>A request that the empty worker rejects with 401, with as many bytes as the API's response.</summary>
    public static readonly byte[] EmptyRefused = HttpCaller.Request("POST", EmptyPath, "a-malformed-key", """{"license_id":1,"user_id":1}""");

    public static async Task RunStartAsync(Suite suite, Publication publication)
    {
        await using World world = await suite.NewWorldAsync(users: 1);
        await world.AddEmailsAsync(1);
        int license = await world.AddLicensesAsync(1);
        await world.AddAssignmentsAsync(World.Platform, [(license, 1L)]);
        byte[] check = HttpCaller.Request("GET", $"/api/catalog/licenses/user/assignment/check/?email={World.EmailOf(1)}");
        byte[] empty = HttpCaller.Request("GET", EmptyPath);
        List<double> serviceCpu = [], emptyCpu = [];
        Compared elapsed = await Rounds.InterleaveAsync(
            suite.Quick ? 5 : 13,
            () => Start.FirstAsync(() => ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world)), check, 200, serviceCpu),
            () => Start.FirstAsync(() => ServerProcess.StartWorkerAsync(publication.EmptyWorker, []), empty, 200, emptyCpu));
        StartFigure figure = new("empty worker", elapsed, Compared.FromSamples(serviceCpu, emptyCpu));
        suite.Results.WorkerStart.Add(figure);
        Console.WriteLine($"  worker / {figure.With}: {elapsed.A} / {elapsed.B} ms = {elapsed.Ratio}; CPU {figure.CpuMilliseconds.A} / {figure.CpuMilliseconds.B} ms = {figure.CpuMilliseconds.Ratio}");
    }

    /// <summary>Rejected requests, and the memory of both after many of them.</summary>
    public static async Task RunAsync(Suite suite, Publication publication)
    {
        await using World world = await suite.NewWorldAsync(users: 1);
        await using ServerProcess service = await ServerProcess.StartWorkerAsync(publication.Worker, ServerProcess.WorkerSettings(world), hooked: true);
        await using ServerProcess empty = await ServerProcess.StartWorkerAsync(publication.EmptyWorker, [], hooked: true);
        int requests = suite.Quick ? 10_000 : 100_000;
        suite.Results.WorkerWorkingSet.Clear();
        await FillAsync("worker, 401 alone", service, HostLimit.Unauthorized);
        await FillAsync("empty worker, 401 alone", empty, EmptyRefused);
        suite.Results.Worker.AddRange(await HostLimit.CompareAsync(suite, world, service, empty, EmptyRefused));

        async Task FillAsync(string process, ServerProcess server, byte[] request)
        {
            await Cost.RefuseAsync(server, request, requests);
            suite.Results.WorkerWorkingSet.Add(new WorkingSetFigure(process, requests, server.WorkingSet / 1024.0 / 1024.0));
            Console.WriteLine($"  {process}, after {requests:N0} requests: {server.WorkingSet / 1024.0 / 1024.0:F0} MB");
        }
    }
}

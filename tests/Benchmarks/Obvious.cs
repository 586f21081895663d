using System.Diagnostics;

namespace Benchmarks;

/// <summary>The naive implementation beside the API: the cost of a create as a license fills, and the seats it oversells.</summary>
internal static class Obvious
{
    private const int Seats = 10;

    public static async Task RunAsync(Suite suite)
    {
        foreach (int assignments in suite.Quick ? [0, 1_000] : new[] { 0, 1_000, 5_000 })
        {
            const int users = 100;
            await using World world = await suite.NewWorldAsync(users);
            await using ServerProcess server = await ServerProcess.ServeAsync(world.ConnectionString, world.Prefix, delay: 0, countRows: true);
            using ApiClient api = new(world, server);
            ObviousClient obvious = new(world);
            await api.WarmAsync();
            int license = await world.AddLicensesAsync(1);
            await world.AddAssignmentsAsync(World.Platform, [.. Enumerable.Range(0, assignments).Select(i => ((long)license, 1_000_000L + i))]);
            await obvious.AddAsync(license, assignments);
            Pairs pairs = Pairs.OneLicense(license, users);
            await api.CreateAsync(0, pairs);
            await obvious.CreateAsync(license, 1);
            (_, long calls, long rows) = await server.MeasuredAsync();
            (long obviousCalls, long obviousRows) = (obvious.Calls, obvious.Rows);
            List<double> apiTimes = [], obviousTimes = [];
            int times = suite.Quick ? 5 : 20;
            for (int i = 0; i < times; i++)
            {
                apiTimes.Add(await MillisecondsAsync(() => api.CreateAsync(0, pairs)));
                obviousTimes.Add(await MillisecondsAsync(() => obvious.CreateAsync(license, 2 + i)));
            }

            (_, long callsAfter, long rowsAfter) = await server.MeasuredAsync();
            ObviousFigure figure = new(
                assignments,
                Spread.Of(obviousTimes),
                (obvious.Calls - obviousCalls) / (double)times,
                (obvious.Rows - obviousRows) / (double)times,
                Spread.Of(apiTimes),
                (callsAfter - calls) / (double)times,
                (rowsAfter - rows) / (double)times);
            suite.Results.Obvious.Add(figure);
            Console.WriteLine($"  {assignments:N0} assignments: obvious {figure.ObviousMilliseconds} ms, {figure.ObviousCalls} calls, {figure.ObviousRows} rows; API {figure.ApiMilliseconds} ms, {figure.ApiCalls} calls, {figure.ApiRows} rows");
        }
    }

    public static async Task RunOversoldAsync(Suite suite)
    {
        await using World world = await suite.NewWorldAsync(Callers.Most);
        await using ServerProcess server = await ServerProcess.ServeAsync(world.ConnectionString, world.Prefix, delay: 0);
        ObviousClient obvious = new(world);
        HttpCaller[] callers = [.. Enumerable.Range(0, Callers.Most).Select(_ => new HttpCaller(server.Port))];
        List<double> apiGiven = [], obviousGiven = [];
        for (int round = 0; round < suite.Rounds; round++)
        {
            int license = await world.AddLicensesAsync(1, Seats);
            await Task.WhenAll(Enumerable.Range(0, Callers.Most).Select(caller => obvious.CreateAsync(license, 1 + caller)));
            obviousGiven.Add(await obvious.CountAsync(license));
            await Task.WhenAll(callers.Select(async (caller, i) =>
            {
                try
                {
                    await caller.SendAsync(
                        HttpCaller.Request(
                            "POST",
                            $"/api/catalog/licenses/user/assignment/?license_id={license}",
                            world.Key,
                            $$"""{"license_id":{{license}},"user_id":{{i + 1}}}"""),
                        200);
                }
                catch (InvalidOperationException refused) when (refused.Message.Contains("seats_exhausted", StringComparison.Ordinal))
                {
                }
            }));
            apiGiven.Add(await world.CountAsync(World.Platform, license));
        }

        Array.ForEach(callers, caller => caller.Dispose());
        suite.Results.Oversold.Add(new OversoldFigure("obvious", Seats, Callers.Most, Spread.Of(obviousGiven)));
        suite.Results.Oversold.Add(new OversoldFigure("API", Seats, Callers.Most, Spread.Of(apiGiven)));
        Console.WriteLine($"  {Seats} seats, {Callers.Most} callers: obvious gave {Spread.Of(obviousGiven)}, API {Spread.Of(apiGiven)}");
    }

    private static async Task<double> MillisecondsAsync(Func<Task<bool>> once)
    {
        long start = Stopwatch.GetTimestamp();
        await once();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}

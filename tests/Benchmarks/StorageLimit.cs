namespace Benchmarks;

/// <summary>Requests per second through the API, beside the same with the bare storage client.</summary>
internal static class StorageLimit
{
    public const string CreateSpread = "create, many licenses";

    private const int CheckedUsers = 50;

    public static async Task RunAsync(Suite suite)
    {
        await using World world = await suite.NewWorldAsync(suite.Quick ? 1_000 : 4_000);
        // Azurite scans for ranges, so the checks use a small world of their own; Growth has the large ones.
        await using World checks = await suite.NewWorldAsync(CheckedUsers);
        await checks.AddEmailsAsync(CheckedUsers);
        int license = await checks.AddLicensesAsync(1);
        await checks.AddAssignmentsAsync(World.Platform, [.. Enumerable.Range(1, CheckedUsers).Select(user => ((long)license, (long)user))]);
        foreach (int delay in new[] { 0, 10 })
        {
            await using ServerProcess server = await ServerProcess.ServeAsync(world.ConnectionString, world.Prefix, delay);
            await using ServerProcess checkServer = await ServerProcess.ServeAsync(checks.ConnectionString, checks.Prefix, delay);
            using ApiClient api = new(world, server);
            using ApiClient checkApi = new(checks, checkServer);
            BareClient bare = new(world, delay, firstId: 1 + (delay * 1_000_000));
            BareClient checkBare = new(checks, delay);
            foreach (int callers in suite.Callers)
            {
                await api.WarmAsync();
                int first = await world.AddLicensesAsync(Callers.Most * Callers.LicensesEach);
                Pairs apiPairs = Pairs.Spread(first, world.Users);
                Pairs barePairs = Pairs.Spread(first, world.Users);
                await CompareAsync(CreateSpread, caller => api.CreateAsync(caller, apiPairs), caller => bare.CreateAsync(caller, barePairs));
                await CompareAsync("update", api.UpdateAsync, bare.UpdateAsync);
                // More than needed, so that there is always one left to delete.
                await Rounds.RateAsync(callers, 2 * suite.Time, caller => api.CreateAsync(caller, apiPairs));
                await Rounds.RateAsync(callers, 2 * suite.Time, caller => bare.CreateAsync(caller, barePairs));
                await CompareAsync("delete", api.DeleteAsync, bare.DeleteAsync);
                api.ForgetMade();
                await CompareAsync("check, known", caller => checkApi.CheckAsync(caller, CheckedUsers), caller => checkBare.CheckAsync(caller, CheckedUsers));
                await CompareAsync("check, unknown", caller => checkApi.CheckAsync(caller, 0), caller => checkBare.CheckAsync(caller, 0));

                async Task CompareAsync(string operation, Func<int, Task<bool>> one, Func<int, Task<bool>> other) => Add(operation, await Rounds.InterleaveAsync(
                    suite.Rounds,
                    () => Rounds.RateAsync(callers, suite.Time, one),
                    () => Rounds.RateAsync(callers, suite.Time, other)));

                void Add(string operation, Compared compared)
                {
                    suite.Results.Storage.Add(new StorageFigure(operation, delay, callers, compared));
                    Console.WriteLine($"  +{delay} ms, {callers,2} callers, {operation}: {compared.A.Median:F0} / {compared.B.Median:F0} = {compared.Ratio}");
                }
            }
        }
    }
}

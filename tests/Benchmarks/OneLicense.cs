namespace Benchmarks;

/// <summary>
/// Creates per second on one license, beside the bare storage client one by one, because the license row's ETag allows
/// only one transaction at a time. Uses separate tables, because Azurite slows down as a table grows.
/// </summary>
internal static class OneLicense
{
    public const string Create = "create, one license";

    /// <summary>Much longer than a transaction, but short enough for the number of users.</summary>
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Suite suite)
    {
        foreach (int delay in new[] { 0, 10 })
        {
            await using World world = await suite.NewWorldAsync(suite.Quick ? 1_000 : 4_000);
            await using ServerProcess server = await ServerProcess.ServeAsync(world.ConnectionString, world.Prefix, delay);
            using ApiClient api = new(world, server);
            BareClient bare = new(world, delay, firstId: 1_000_000);
            await api.WarmAsync();
            foreach (int callers in suite.Callers)
            {
                Compared compared = await Rounds.InterleaveAsync(
                    suite.Rounds,
                    async () =>
                    {
                        Pairs pairs = Pairs.OneLicense(await world.AddLicensesAsync(1), world.Users);
                        double rate = await Rounds.RateAsync(callers, Time, caller => api.CreateAsync(caller, pairs));
                        api.ForgetMade();
                        return rate;
                    },
                    async () =>
                    {
                        Pairs pairs = Pairs.OneLicense(await world.AddLicensesAsync(1), world.Users);
                        return await Rounds.RateAsync(1, Time, caller => bare.CreateAsync(caller, pairs));
                    });
                suite.Results.OneLicense.Add(new StorageFigure(Create, delay, callers, compared));
                Console.WriteLine($"  +{delay} ms, {callers,2} callers, {Create}: {compared.A.Median:F0} / {compared.B.Median:F0} = {compared.Ratio}");
            }
        }
    }
}

using Benchmarks;
using LocalHost;

await using Azurite azurite = await Azurite.StartAsync(port: 0, folder: null, CancellationToken.None);
Console.WriteLine("One license, 64 callers: assignments a second, API / storage client one by one (median of 5 rounds, least and most)");
foreach ((TimeSpan delay, int assignments) in new[] { (TimeSpan.Zero, 2_000), (TimeSpan.FromMilliseconds(10), 2_000) })
{
    await using Bench bench = await Bench.StartAsync(azurite, delay);
    List<(double Api, double Bare)> rounds = await HotLicense.RunAsync(bench, assignments);
    double[] ratios = [.. rounds.Select(round => round.Api / round.Bare).Order()];
    Console.WriteLine(
        $"  +{delay.TotalMilliseconds} ms: {rounds.Select(r => r.Api).Order().ElementAt(2):F0} / {rounds.Select(r => r.Bare).Order().ElementAt(2):F0}"
        + $" = {ratios[ratios.Length / 2]:F1} ({ratios[0]:F1} to {ratios[^1]:F1})");
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Licensing.Licenses;
using Licensing.Users;
using TestSupport;
using Xunit;

namespace Faults.Tests;

public sealed class RandomHistoriesTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Processes = 3;
    private const int Clients = 24;
    private const int RequestsBetweenDisasters = 400;

    /// <summary>Not shared with other tests, because this one freezes it.</summary>
    private readonly AzuriteFixture _azurite = new();

    public ValueTask InitializeAsync() => _azurite.InitializeAsync();

    public ValueTask DisposeAsync() => _azurite.DisposeAsync();

    [Theory]
    [InlineData(ServedBy.LocalHost)]
    [InlineData(ServedBy.Worker)]
    public async Task No_acknowledged_change_is_lost_and_no_seat_is_sold_twice(ServedBy servedBy)
    {
        output.WriteLine($"FAULTS_SEED={Scale.Seed}");
        await using Cluster cluster = await Cluster.StartAsync(_azurite, servedBy, Processes, Scale.Seed);
        License[] licenses = [await cluster.AddLicenseAsync(5), await cluster.AddLicenseAsync(12), await cluster.AddLicenseAsync(null)];
        User[] own = await cluster.AddUsersAsync(Clients, "own");
        Tally tally = new();
        RandomHistories histories = new(cluster, licenses, await cluster.AddUsersAsync(4, "shared"), tally);
        cluster.Storage.Rate = 0.08;
        long start = Stopwatch.GetTimestamp();
        using CancellationTokenSource failed = new();
        bool GoOn() => !failed.IsCancellationRequested && Scale.GoOn(Stopwatch.GetElapsedTime(start), tally.Total);

        Task clients = Task.WhenAll(own.Select(async (user, i) =>
        {
            try
            {
                await Task.Run(() => histories.ClientAsync(user, new Random(Scale.Seed + i), GoOn));
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }));
        int frozen = await DisastersAsync(cluster, tally, clients);
        await clients;

        await cluster.SettleAsync();
        await histories.AssertStorageAgreesAsync();
        await cluster.AssertNothingLostAsync();
        output.WriteLine(Table(cluster, tally, frozen, Stopwatch.GetElapsedTime(start)));
        Assert.True(cluster.Killed > 0 && frozen > 0);
        Assert.All(Enum.GetValues<Fault>(), fault => Assert.True(cluster.Storage.Counts.GetValueOrDefault(fault) > 0, $"{fault} never happened"));
    }

    /// <summary>Alternately kills a process and freezes storage while the clients work. Returns how often it froze storage.</summary>
    private async Task<int> DisastersAsync(Cluster cluster, Tally tally, Task clients)
    {
        Random random = new(Scale.Seed);
        int frozen = 0;
        while (await Task.WhenAny(tally.MoreAsync(RequestsBetweenDisasters), clients) != clients)
        {
            if (cluster.Killed <= frozen)
            {
                await cluster.KillAsync(random.Next(Processes));
            }
            else
            {
                await _azurite.FreezeAsync(until: async () =>
                {
                    // Every instance has calls in flight without a response, and some have timed out.
                    await Task.WhenAny(tally.MoreAsync(Clients / 4), clients);
                });
                frozen++;
            }
        }

        return frozen;
    }

    private static string Table(Cluster cluster, Tally tally, int frozen, TimeSpan elapsed)
    {
        StringBuilder table = new();
        void Row(string what, object count) => table.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {count} |");
        Row("what", "count");
        Row("---", "---:");
        Row("seed", Scale.Seed);
        Row("minutes", elapsed.TotalMinutes.ToString("F1", CultureInfo.InvariantCulture));
        Row("requests", tally.Total);
        foreach ((string answer, int count) in tally.Answers.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            Row($"answered {answer}", count);
        }

        Row("processes killed", cluster.Killed);
        Row("times storage was frozen", frozen);
        Row("storage calls", cluster.Storage.Counts.Values.Sum());
        foreach (Fault fault in Enum.GetValues<Fault>().Where(fault => fault != Fault.None))
        {
            Row($"fault: {fault}", cluster.Storage.Counts.GetValueOrDefault(fault));
        }

        return table.ToString();
    }
}

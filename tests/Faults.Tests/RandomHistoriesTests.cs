using System.Diagnostics;
using System.Globalization;
using System.Text;
using Faults.Tests.Histories;
using Licensing.Licenses;
using Licensing.Users;
using TestSupport;
using Xunit;

namespace Faults.Tests;

public sealed class RandomHistoriesTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Processes = 4;
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
        User[] shared = await cluster.AddUsersAsync(4, "shared");
        Recorder recorder = new(new Run(Scale.Seed, servedBy, Processes));
        Array.ForEach(licenses, license => recorder.Add(new Seats(license.Id, license.Seats)));

        await recorder.JudgedAsync(async () =>
        {
            Tally tally = new();
            RandomHistories histories = new(cluster, licenses, shared, tally, recorder);
            long start = Stopwatch.GetTimestamp();
            (int frozen, int verified) = await RunAsync(cluster, histories, own, tally, recorder);

            await cluster.SettleAsync();
            await histories.RecordStorageAsync(own);
            await cluster.AssertNothingLostAsync();
            output.WriteLine(Table(cluster, tally, frozen, verified, Stopwatch.GetElapsedTime(start)));
            Assert.True(cluster.Killed > 0 && frozen > 0);
            Assert.All(Enum.GetValues<Fault>(), fault => Assert.True(cluster.Storage.Counts.GetValueOrDefault(fault) > 0, $"{fault} never happened"));
        });
    }

    /// <summary>Shows that the judge of the test above can fail.</summary>
    [Fact]
    public async Task Without_If_Match_the_judge_finds_oversold_seats()
    {
        await using Cluster cluster = await Cluster.StartAsync(_azurite, ServedBy.LocalHost, Processes, Scale.Seed);
        (cluster.Storage.IgnoresIfMatch, cluster.Storage.Together) = (true, Processes);
        License license = await cluster.AddLicenseAsync(5);
        User[] own = await cluster.AddUsersAsync(Clients, "own");
        Recorder recorder = new(new Run(Scale.Seed, ServedBy.LocalHost, Processes));
        recorder.Add(new Seats(license.Id, license.Seats));
        Tally tally = new();
        RandomHistories histories = new(cluster, [license], await cluster.AddUsersAsync(4, "shared"), tally, recorder);

        await Task.WhenAll(own.Select((user, i) => histories.ClientAsync(user, new Random(Scale.Seed + i), () => tally.Total < 400)));
        await histories.RecordStorageAsync(own);

        // An example of what a failed run leaves.
        Recorder.Save(Path.Combine(Recorder.Folder, "without-if-match.jsonl"), recorder.Lines);
        string[] violations = [.. Judge.Violations(recorder.Lines)];
        Assert.Contains(violations, violation => violation.StartsWith("two transactions made version", StringComparison.Ordinal));
        Assert.Contains(violations, violation => violation.Contains("of 5 seats in use", StringComparison.Ordinal));
    }

    /// <summary>Runs the clients. Returns how often storage was frozen, and how often everything was verified meanwhile.</summary>
    private async Task<(int Frozen, int Verified)> RunAsync(Cluster cluster, RandomHistories histories, User[] own, Tally tally, Recorder recorder)
    {
        cluster.Storage.Rate = 0.08;
        long start = Stopwatch.GetTimestamp();
        using CancellationTokenSource failed = new();
        bool ShouldContinue() => !failed.IsCancellationRequested && Scale.ShouldContinue(Stopwatch.GetElapsedTime(start), tally.Total);

        Task clients = Task.WhenAll(own.Select(async (user, i) =>
        {
            try
            {
                await Task.Run(() => histories.ClientAsync(user, new Random(Scale.Seed + i), ShouldContinue));
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }));
        Task<int> watching = Task.Run(() => cluster.WatchAsync(() => !clients.IsCompleted), TestContext.Current.CancellationToken);
        int frozen = await DisastersAsync(cluster, tally, clients, recorder);
        await clients;
        return (frozen, await watching);
    }

    /// <summary>Alternately kills a process and freezes storage while the clients work. Returns how often it froze storage.</summary>
    private async Task<int> DisastersAsync(Cluster cluster, Tally tally, Task clients, Recorder recorder)
    {
        Random random = new(Scale.Seed);
        int frozen = 0;
        while (await Task.WhenAny(tally.MoreAsync(RequestsBetweenDisasters), clients) != clients)
        {
            if (cluster.Killed <= frozen)
            {
                int place = random.Next(Processes);
                await recorder.DisasterAsync($"instance {place} was killed", () => cluster.KillAsync(place));
            }
            else
            {
                // Until every instance has calls in flight without a response, and some have timed out.
                await recorder.DisasterAsync("storage was frozen", () => _azurite.FreezeAsync(
                    until: async () => await Task.WhenAny(tally.MoreAsync(Clients / 4), clients)));
                frozen++;
            }
        }

        return frozen;
    }

    private static string Table(Cluster cluster, Tally tally, int frozen, int verified, TimeSpan elapsed)
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
        Row("times all was verified meanwhile", verified);
        Row("storage calls", cluster.Storage.Counts.Values.Sum());
        foreach (Fault fault in Enum.GetValues<Fault>().Where(fault => fault != Fault.None))
        {
            Row($"fault: {fault}", cluster.Storage.Counts.GetValueOrDefault(fault));
        }

        return table.ToString();
    }
}

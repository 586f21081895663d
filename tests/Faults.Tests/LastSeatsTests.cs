using Faults.Tests.Histories;
using Licensing.Licenses;
using Licensing.Users;
using TestSupport;
using Xunit;

namespace Faults.Tests;

public sealed class LastSeatsTests(AzuriteFixture azurite)
{
    private const int Seats = 20;
    private const int Processes = 3;

    [Theory]
    [InlineData(ServedBy.LocalHost, 0)]
    [InlineData(ServedBy.LocalHost, 0.15)]
    [InlineData(ServedBy.Worker, 0.15)]
    public async Task Exactly_twenty_of_two_hundred_callers_on_three_processes_get_the_twenty_seats(ServedBy servedBy, double faults)
    {
        await using Cluster cluster = await Cluster.StartAsync(azurite, servedBy, Processes, Scale.Seed);
        Recorder recorder = new(new Run(Scale.Seed, servedBy, Processes));
        cluster.Storage.Rate = faults;

        await recorder.JudgedAsync(async () =>
        {
            (License license, Ending[] endings) = await RaceAsync(cluster, recorder);

            await cluster.SettleAsync();
            Assert.Equal(Seats, endings.Count(ending => ending.IsOk));
            Assert.All(endings.Where(ending => !ending.IsOk), ending => Assert.Equal("seats_exhausted", ending.Code));
            Assert.Equal(Seats, (await cluster.ReadLicenseAsync(license.Id)).SeatsUsed);
            await cluster.AssertNothingLostAsync();
        });
    }

    /// <summary>Shows that the test above can fail.</summary>
    [Fact]
    public async Task Without_If_Match_the_same_race_oversells()
    {
        await using Cluster cluster = await Cluster.StartAsync(azurite, ServedBy.LocalHost, Processes, Scale.Seed);
        (cluster.Storage.IgnoresIfMatch, cluster.Storage.Together) = (true, Processes);

        (_, Ending[] endings) = await RaceAsync(cluster, new Recorder(new Run(Scale.Seed, ServedBy.LocalHost, Processes)));

        Assert.True(endings.Count(ending => ending.IsOk) > Seats);
    }

    private static async Task<(License License, Ending[] Endings)> RaceAsync(Cluster cluster, Recorder recorder)
    {
        License license = await cluster.AddLicenseAsync(Seats);
        User[] users = await cluster.AddUsersAsync(200);
        Tally tally = new();
        recorder.Add(new Seats(license.Id, Seats));
        return (license, await Task.WhenAll(users.Select((user, i) =>
            new Caller(cluster, new Random(Scale.Seed + i), tally, recorder, user.Id).PutAsync(license.Id, user.Id, active: true, token: $"{i}"))));
    }
}

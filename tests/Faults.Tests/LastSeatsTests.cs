using Licensing.Licenses;
using Licensing.Users;
using TestSupport;
using Xunit;

namespace Faults.Tests;

public sealed class LastSeatsTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(ServedBy.LocalHost, 0)]
    [InlineData(ServedBy.LocalHost, 0.15)]
    [InlineData(ServedBy.Worker, 0.15)]
    public async Task Twenty_seats_go_to_exactly_twenty_of_two_hundred_callers_on_three_processes(ServedBy servedBy, double faults)
    {
        await using Cluster cluster = await Cluster.StartAsync(azurite, servedBy, processes: 3, Scale.Seed);
        License license = await cluster.AddLicenseAsync(seats: 20);
        User[] users = await cluster.AddUsersAsync(200);
        Tally tally = new();
        cluster.Storage.Rate = faults;

        Ending[] endings = await Task.WhenAll(users.Select((user, i) =>
            new Caller(cluster, new Random(Scale.Seed + i), tally).PutAsync(license.Id, user.Id, active: true, token: $"{i}")));

        await cluster.SettleAsync();
        Assert.Equal(20, endings.Count(ending => ending.IsOk));
        Assert.All(endings.Where(ending => !ending.IsOk), ending => Assert.Equal("seats_exhausted", ending.Code));
        Assert.Equal(20, (await cluster.ReadLicenseAsync(license.Id)).SeatsUsed);
        await cluster.AssertNothingLostAsync();
    }
}

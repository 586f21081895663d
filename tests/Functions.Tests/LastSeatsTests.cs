using System.Net;
using TestSupport;
using Xunit;

namespace Functions.Tests;

public sealed class LastSeatsTests(ApiHost host)
{
    [Fact]
    public async Task Exactly_five_of_fifty_callers_get_the_last_five_seats()
    {
        World world = await World.CreateAsync(host.Server, seats: 5, users: 50);

        HttpResponseMessage[] responses = await Task.WhenAll(world.Users.Select(user => world.PutAsync(user)));

        Assert.Equal(5, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        foreach (HttpResponseMessage refused in responses.Where(response => response.StatusCode != HttpStatusCode.OK))
        {
            await refused.ProblemAsync(400, "seats_exhausted");
        }

        Assert.Equal(5, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task Many_concurrent_creates_for_one_user_take_one_seat_and_keep_one_id()
    {
        World world = await World.CreateAsync(host.Server, seats: 1);

        long[] ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => world.AssignAsync(world.User)));

        Assert.Single(ids.Distinct());
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task Two_hosts_on_the_same_storage_never_oversell()
    {
        World world = await World.CreateAsync(host.Server, seats: 20, users: 60);
        await using LocalHostServer second = await host.StartAnotherAsync();
        World elsewhere = new(second, world.Platform, world.Key, world.License, world.Users);

        HttpResponseMessage[] responses = await Task.WhenAll(
            world.Users.Select((user, i) => (i % 2 == 0 ? world : elsewhere).PutAsync(user)));

        Assert.Equal(20, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        Assert.Equal(20, (await world.ReadLicenseAsync()).SeatsUsed);
    }
}

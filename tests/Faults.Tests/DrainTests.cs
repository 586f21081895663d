using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Licensing.Licenses;
using Licensing.Users;
using TestSupport;
using Xunit;

namespace Faults.Tests;

public sealed class DrainTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(ServedBy.LocalHost)]
    [InlineData(ServedBy.Worker)]
    public async Task SIGTERM_under_load_keeps_exactly_the_acknowledged_changes(ServedBy servedBy)
    {
        await using Cluster cluster = await Cluster.StartAsync(azurite, servedBy, processes: 1, Scale.Seed);
        License license = await cluster.AddLicenseAsync(seats: null);
        User[] users = await cluster.AddUsersAsync(32);
        Instance instance = cluster.At(0);
        Tally tally = new();
        ConcurrentDictionary<string, HttpStatusCode?> responses = new();

        Task load = Task.WhenAll(users.Select(async user =>
        {
            for (int i = 0; ; i++)
            {
                string token = $"{user.Id}-{i}";
                using HttpRequestMessage request = new(HttpMethod.Post, $"/api/catalog/licenses/user/assignment/?license_id={license.Id}")
                {
                    Content = JsonContent.Create(new { license_id = license.Id, user_id = user.Id, active = i % 2 == 0, metadata = new { token } }),
                };
                request.Headers.TryAddWithoutValidation("Authorization", cluster.Key);
                HttpStatusCode? status = (await Caller.TrySendAsync(instance.Client, request))?.Status;
                responses[token] = status;
                tally.Add(status);
                if (status is null)
                {
                    return;
                }
            }
        }));
        await tally.MoreAsync(300);
        int? exitCode = await instance.TerminateAsync(Cluster.Cancellation);
        await load;

        Assert.Equal(0, exitCode);
        HashSet<string> written = [.. (await cluster.ReadHistoryAsync()).Select(RandomHistories.TokenOf).OfType<string>()];
        Assert.Equal(responses.Where(each => each.Value == HttpStatusCode.OK).Select(each => each.Key).Order(), written.Order());
        Assert.All(responses.Values, status => Assert.True(status is HttpStatusCode.OK or null, $"{status}"));
        await cluster.AssertNothingLostAsync();
    }
}

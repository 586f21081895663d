using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Functions.Tests;

/// <summary>Platform keys with arbitrary characters, through all three operations.</summary>
public sealed class PlatformKeyTests(ApiHost host)
{
    /// <summary>All different, some only by one escape, space or letter case.</summary>
    private static readonly string[] Keys =
    [
        "k/b", "k\\b", "k#b", "k?b", "k%2Fb", "k=2Fb", "k%b", "k'b", "k''b", "k+b", "k b", " k b", "k b ", "k&b=c", "k\"b", "kb", "KB",
        "k\tb", "k\u0001b", "ä", "Ä", "用户", "\ud83d\ude00", "k\uffff", ".", "..",
        new string('/', 128),
    ];

    [Fact]
    public async Task Every_value_is_returned_unchanged_and_collides_with_no_other()
    {
        List<World> worlds = [];
        foreach (string key in Keys)
        {
            worlds.Add(await World.CreateAsync(host.Server, platformKey: key));
        }

        foreach (World world in worlds)
        {
            string query = $"&platform_key={Uri.EscapeDataString(world.Platform.Key)}";
            using HttpResponseMessage created = await PostAsync(world, query, world.Platform.Key);
            JsonObject answer = await created.OkAsync();
            Assert.Equal(world.Platform.Key, answer["platform_key"]!.GetValue<string>());
            // The first assignment of its platform: no other platform's ids or seats were taken.
            Assert.Equal(1, answer["id"]!.GetValue<long>());
            Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
            Assert.Equal(HttpStatusCode.OK, await world.CheckAsync(world.User.Email!.Text));

            string another = worlds[(worlds.IndexOf(world) + 1) % worlds.Count].Platform.Key;
            using HttpResponseMessage inQuery = await PostAsync(world, $"&platform_key={Uri.EscapeDataString(another)}", world.Platform.Key);
            await inQuery.ProblemAsync(403, "platform_mismatch");
            using HttpResponseMessage inBody = await PostAsync(world, query, another);
            await inBody.ProblemAsync(403, "platform_mismatch");
        }

        foreach (World world in worlds)
        {
            using HttpResponseMessage deleted = await world.SendAsync(
                HttpMethod.Delete,
                $"{World.Assignment}?license_id={world.License.Id}&assignment_id=1&platform_key={Uri.EscapeDataString(world.Platform.Key)}");
            Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
            Assert.Equal(0, (await world.ReadLicenseAsync()).SeatsUsed);
        }
    }

    private static Task<HttpResponseMessage> PostAsync(World world, string query, string platformKey) => world.SendAsync(
        HttpMethod.Post,
        $"{World.Assignment}?license_id={world.License.Id}{query}",
        System.Net.Http.Json.JsonContent.Create(world.Body(world.User, new { platform_key = platformKey })));
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using Licensing.ApiKeys;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Functions.Tests;

public sealed class AuthenticationTests(ApiHost host)
{
    public static TheoryData<string, string> BadKeys => new()
    {
        { "missing", "" },
        { "malformed", "YOUR_API_KEY_HERE" },
        { "unknown", ApiKeySecret.Create().Reveal() },
        { "of an unknown scheme", "Basic " + ApiKeySecret.Create().Reveal() },
        { "a scheme alone", "Api-Key" },
        { "two keys", $"{ApiKeySecret.Create().Reveal()}, {ApiKeySecret.Create().Reveal()}" },
        { "two schemes", $"Token Token {ApiKeySecret.Create().Reveal()}" },
        { "longer than any key", new string('x', 10_000) },
    };

    [Theory]
    [InlineData("{0}")]
    [InlineData("Api-Key {0}")]
    [InlineData("api-token {0}")]
    [InlineData("TOKEN {0}")]
    [InlineData("Bearer {0}")]
    public async Task A_key_is_accepted_alone_and_with_each_scheme(string header)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(
            HttpMethod.Delete,
            $"{World.Assignment}?license_id=1&assignment_id=1",
            authorization: string.Format(System.Globalization.CultureInfo.InvariantCulture, header, world.Key));

        await response.ProblemAsync(404, "assignment_not_found");
    }

    [Theory]
    [MemberData(nameof(BadKeys))]
    public async Task A_bad_key_is_401_before_anything_else_is_checked(string kind, string authorization)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage post = await world.SendAsync(HttpMethod.Post, World.Assignment, new StringContent("{"), authorization);
        await post.ProblemAsync(401, "unauthenticated");
        Assert.Equal("Api-Key", post.Headers.WwwAuthenticate.ToString());
        using HttpResponseMessage delete = await world.SendAsync(HttpMethod.Delete, World.Assignment, authorization: authorization);
        await delete.ProblemAsync(401, "unauthenticated");
        Assert.NotEmpty(kind);
    }

    [Fact]
    public async Task An_expired_key_and_a_known_id_with_another_secret_are_401()
    {
        World world = await World.CreateAsync(host.Server);
        ApiKeyStore keys = world.Services.GetRequiredService<ApiKeyStore>();
        (_, ApiKeySecret expired) = await keys.CreateAsync(world.Platform, "old", TimeProvider.System.GetUtcNow().AddSeconds(-1), World.Cancellation);
        (ApiKey other, _) = await keys.CreateAsync(world.Platform, "other", expires: null, World.Cancellation);
        string forged = Forge(other.Id);

        foreach (string key in new[] { expired.Reveal(), forged })
        {
            using HttpResponseMessage response = await world.SendAsync(HttpMethod.Delete, World.Assignment, authorization: key);
            await response.ProblemAsync(401, "unauthenticated");
        }
    }

    [Fact]
    public async Task All_authentication_failures_look_alike()
    {
        World world = await World.CreateAsync(host.Server);
        (_, ApiKeySecret expired) = await world.Services.GetRequiredService<ApiKeyStore>()
            .CreateAsync(world.Platform, "old", TimeProvider.System.GetUtcNow().AddSeconds(-1), World.Cancellation);
        HashSet<string> answers = [];
        foreach (string key in new[] { "", "nonsense", ApiKeySecret.Create().Reveal(), expired.Reveal() })
        {
            using HttpResponseMessage response = await world.SendAsync(HttpMethod.Delete, World.Assignment, authorization: key);
            System.Text.Json.Nodes.JsonObject problem = await response.ProblemAsync(401, "unauthenticated");
            problem.Remove("traceId");
            answers.Add(problem.ToJsonString());
        }

        Assert.Single(answers);
    }

    [Theory]
    [InlineData("platform_key")]
    [InlineData("platform_org")]
    public async Task Naming_another_platform_is_403_in_the_query_and_in_the_body(string name)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage query = await world.SendAsync(
            HttpMethod.Delete, $"{World.Assignment}?license_id=1&assignment_id=1&{name}=another");
        await query.ProblemAsync(403, "platform_mismatch");
        using HttpResponseMessage body = await world.PutAsync(
            world.User, name == "platform_key" ? new { platform_key = "another" } : new { platform_org = "another" });
        await body.ProblemAsync(403, "platform_mismatch");
    }

    [Fact]
    public async Task The_platforms_own_name_and_organization_are_accepted()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.PutAsync(
            world.User, new { platform_key = world.Platform.Key, platform_org = world.Platform.Org });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>A key with this id, another secret and a valid checksum.</summary>
    private static string Forge(string keyId)
    {
        string key = WithChecksum($"lak_{keyId}_{new string('0', 64)}");
        Assert.True(ApiKeySecret.TryParse(key, out _));
        return key;
    }

    /// <summary>The checksum is not secret: anyone can append the right one to any text.</summary>
    internal static string WithChecksum(string body) =>
        body + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(body)).AsSpan(0, 4));
}

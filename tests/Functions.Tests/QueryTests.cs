using System.Text.Json.Nodes;
using Xunit;

namespace Functions.Tests;

/// <summary>The query parameters of POST and DELETE, by the contract's table; integers are in NumberTests.</summary>
public sealed class QueryTests(ApiHost host)
{
    private static readonly HttpMethod[] Both = [HttpMethod.Post, HttpMethod.Delete];

    [Fact]
    public async Task License_id_is_required_and_assignment_id_by_DELETE()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage post = await world.SendAsync(
            HttpMethod.Post, World.Assignment, new StringContent(world.Body(world.User).ToJsonString()) { Headers = { ContentType = null } });
        JsonObject problem = await post.ProblemAsync(400, "invalid_request");
        Assert.Equal(["license_id"], problem["errors"]!.AsObject().Select(error => error.Key));
        using HttpResponseMessage delete = await world.SendAsync(HttpMethod.Delete, World.Assignment);
        await delete.InvalidAsync("license_id", "assignment_id");
    }

    [Theory]
    [InlineData("page", "-1")]
    [InlineData("page", "")]
    [InlineData("page", "first")]
    [InlineData("page_size", "-1")]
    [InlineData("page_size", "1.5")]
    [InlineData("sort", "")]
    [InlineData("platform_key", "")]
    [InlineData("platform_org", "")]
    public async Task A_parameter_that_breaks_its_rule_is_refused(string name, string value)
    {
        World world = await World.CreateAsync(host.Server);
        foreach (HttpMethod method in Both)
        {
            using HttpResponseMessage response = await SendAsync(world, method, $"&{name}={value}");
            await response.InvalidAsync(name);
        }
    }

    [Theory]
    [InlineData("license_id")]
    [InlineData("page")]
    [InlineData("sort")]
    [InlineData("platform_key")]
    public async Task A_parameter_given_twice_is_refused(string name)
    {
        World world = await World.CreateAsync(host.Server);
        foreach (HttpMethod method in Both)
        {
            using HttpResponseMessage response = await SendAsync(world, method, $"&{name}=1{(name == "license_id" ? "" : $"&{name}=1")}");
            await response.InvalidAsync(name);
        }
    }

    [Theory]
    [InlineData("&page=0&page_size=0")]
    [InlineData("&page=1&page_size=9223372036854775807&sort=-created")]
    [InlineData("&unknown=1&unknown=2&=&&PAGE=3")]
    public async Task Paging_sorting_and_unknown_parameters_have_no_effect(string query)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage post = await SendAsync(world, HttpMethod.Post, query);
        long id = (await post.OkAsync())["id"]!.GetValue<long>();
        using HttpResponseMessage delete = await world.SendAsync(
            HttpMethod.Delete, $"{World.Assignment}?license_id={world.License.Id}&assignment_id={id}{query}");

        Assert.True(delete.IsSuccessStatusCode);
    }

    private static Task<HttpResponseMessage> SendAsync(World world, HttpMethod method, string query) => world.SendAsync(
        method,
        $"{World.Assignment}?license_id={world.License.Id}&assignment_id=1{query}",
        method == HttpMethod.Post ? new StringContent(world.Body(world.User).ToJsonString()) { Headers = { ContentType = null } } : null);
}

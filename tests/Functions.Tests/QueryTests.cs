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
        Assert.Equal("license_id", Assert.Single(problem["errors"]!.AsObject()).Key);
        using HttpResponseMessage delete = await world.SendAsync(HttpMethod.Delete, World.Assignment);
        await delete.InvalidAsync("license_id", "assignment_id");
    }

    [Theory]
    [InlineData("page", "")]
    [InlineData("page", "first")]
    [InlineData("page_size", "1.5")]
    [InlineData("sort", "")]
    [InlineData("platform_key", "")]
    [InlineData("platform_org", "")]
    public async Task A_parameter_that_breaks_its_rule_is_rejected(string name, string value)
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
    public async Task A_repeated_parameter_is_rejected(string name)
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
    [InlineData("&page=-1&page_size=-9223372036854775808")]
    [InlineData("&page=1&page_size=9223372036854775807&sort=-created")]
    [InlineData("&unknown=1&unknown=2&=&&PAGE=3")]
    [InlineData("&LICENSE_ID=2&License_Id=x&ASSIGNMENT_ID=&Platform_Key=another&SORT=&page=1&Page=2")]
    public async Task Paging_sorting_and_unknown_parameters_have_no_effect(string query)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage post = await SendAsync(world, HttpMethod.Post, query);
        long id = (await post.OkAsync())["id"]!.GetValue<long>();
        using HttpResponseMessage delete = await world.SendAsync(
            HttpMethod.Delete, $"{World.Assignment}?license_id={world.License.Id}&assignment_id={id}{query}");

        Assert.True(delete.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("LICENSE_ID=1&assignment_id=1", "license_id")]
    [InlineData("license_id=1&Assignment_id=1", "assignment_id")]
    public async Task Parameter_names_are_case_sensitive(string query, string missing)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Delete, $"{World.Assignment}?{query}");

        await response.InvalidAsync(missing);
    }

    [Fact]
    public async Task A_parameter_name_may_be_percent_encoded()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage once = await world.SendAsync(HttpMethod.Delete, $"{World.Assignment}?license%5Fid=1&%61ssignment_id=1");
        await once.ProblemAsync(404, "assignment_not_found");
        using HttpResponseMessage twice = await world.SendAsync(HttpMethod.Delete, $"{World.Assignment}?license%5Fid=1&license_id=1&assignment_id=1");
        await twice.InvalidAsync("license_id");
    }

    /// <summary>The body is always valid.</summary>
    [Theory]
    [InlineData("", "`license_id` in the query is required.")]
    [InlineData("?license_id=x", "`license_id` in the query must be a 64-bit integer.")]
    [InlineData("?license_id=", "`license_id` in the query must be a 64-bit integer.")]
    [InlineData("?license_id=1&license_id=1", "`license_id` in the query must not be repeated.")]
    [InlineData("?license_id=2", "`license_id` in the body must equal the one in the query.")]
    public async Task An_invalid_license_is_reported_once(string query, string message)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(
            HttpMethod.Post, World.Assignment + query, System.Net.Http.Json.JsonContent.Create(world.Body(world.User)));

        JsonObject problem = await response.ProblemAsync(400, "invalid_request");
        Assert.Equal(message, Assert.Single(Assert.Single(problem["errors"]!.AsObject()).Value!.AsArray())!.GetValue<string>());
    }

    private static Task<HttpResponseMessage> SendAsync(World world, HttpMethod method, string query) => world.SendAsync(
        method,
        $"{World.Assignment}?license_id={world.License.Id}&assignment_id=1{query}",
        method == HttpMethod.Post ? new StringContent(world.Body(world.User).ToJsonString()) { Headers = { ContentType = null } } : null);
}

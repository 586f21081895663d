using System.Text;
using System.Text.Json.Nodes;
using Licensing.Licenses;
using Licensing.Users;
using Xunit;

namespace Functions.Tests;

/// <summary>What counts as a 64-bit integer in the query and in the body.</summary>
public sealed class NumberTests(ApiHost host)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2_147_483_648)]
    [InlineData(9_007_199_254_740_993)]
    [InlineData(long.MaxValue)]
    public async Task An_id_of_up_to_63_bits_keeps_every_digit(long id)
    {
        World world = await World.CreateAsync(host.Server, users: 0);
        License license = id == world.License.Id ? world.License : await world.AddLicenseAsync(seats: 1, id: id);
        User user = await world.AddUserAsync("user", email: null, id);

        using HttpResponseMessage response = await world.PutAsync(license.Id, new JsonObject { ["license_id"] = id, ["user_id"] = user.Id });

        string answer = (await response.OkAsync()).ToJsonString();
        Assert.Contains($"\"user_id\":{id},", answer, StringComparison.Ordinal);
        Assert.Contains($"\"license_id\":{id},", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("-1")]
    [InlineData("-9223372036854775808")]
    public async Task An_integer_that_is_not_an_existing_id_is_404(string id)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage license = await PostAsync(world, id, $$"""{"license_id":{{id}},"user_id":1}""");
        await license.ProblemAsync(404, "license_not_found");
        using HttpResponseMessage user = await PostAsync(world, "1", $$"""{"license_id":1,"user_id":{{id}}}""");
        await user.ProblemAsync(404, "user_not_found");
        using HttpResponseMessage assignment = await world.SendAsync(HttpMethod.Delete, $"{World.Assignment}?license_id={id}&assignment_id={id}");
        await assignment.ProblemAsync(404, "assignment_not_found");
    }

    [Theory]
    [InlineData("1e3")]
    [InlineData("1E0")]
    [InlineData("1.0")]
    [InlineData("1.5")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("1e400")]
    [InlineData("123456789012345678901234567890")]
    public async Task A_number_that_is_not_a_64_bit_integer_is_400(string number)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage body = await PostAsync(world, "1", $$"""{"license_id":1,"user_id":{{number}}}""");
        await body.InvalidAsync("user_id");
        await IsRefusedInTheQueryAsync(world, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%201")]
    [InlineData("1%20")]
    [InlineData("1%00")]
    [InlineData("0x1")]
    [InlineData("1,000")]
    [InlineData("%D9%A1")]
    [InlineData("--1")]
    [InlineData("null")]
    public async Task Text_that_is_not_an_integer_is_400_in_the_query(string text) =>
        await IsRefusedInTheQueryAsync(await World.CreateAsync(host.Server), text);

    [Theory]
    [InlineData("%2B1")]
    [InlineData("001")]
    [InlineData("%31")]
    public async Task Signs_leading_zeros_and_escapes_are_accepted_in_integers(string one)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await PostAsync(world, one, $$"""{"license_id":1,"user_id":{{world.User.Id}}}""");

        await response.OkAsync();
    }

    private static async Task IsRefusedInTheQueryAsync(World world, string text)
    {
        using HttpResponseMessage response = await world.SendAsync(
            HttpMethod.Delete, $"{World.Assignment}?license_id={text}&assignment_id={text}&page={text}&page_size={text}");
        await response.InvalidAsync("license_id", "assignment_id", "page", "page_size");
    }

    private static Task<HttpResponseMessage> PostAsync(World world, string license, string body) =>
        world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id={license}", new StringContent(body, Encoding.UTF8, "application/json"));
}

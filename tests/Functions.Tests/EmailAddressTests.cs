using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Licensing.Users;
using Xunit;

namespace Functions.Tests;

/// <summary>Every legal e-mail address, through POST and the check.</summary>
public sealed class EmailAddressTests(ApiHost host)
{
    /// <summary>All different, some only by one escape or in appearance.</summary>
    private static readonly string[] Addresses =
    [
        "o'hara+x@ex.com",
        "o'hara@ex.com",
        "o''hara+x@ex.com",
        "a/b#c?d%e@ex.com",
        "a%2Fb#c?d%e@ex.com",
        "a/b@ex.com",
        "a%2fb@ex.com",
        "a=2Fb@ex.com",
        "!#$%&'*+-/=?^_`{|}~@ex.com",
        "\"quoted local\"@ex.com",
        "\" a \"@ex.com",
        "\"a@b\"@ex.com",
        "\"a\\\"b\\\\c\"@ex.com",
        "\"<>()[]:;,.\"@ex.com",
        "\"a\"@ex.com",
        "a@ex.com",
        "a.b@ex.com",
        "ab@ex.com",
        "Ä@bücher.example",
        "a\u0308@bücher.example",
        "ae@bücher.example",
        "用户@例え.jp",
        "\ud83d\ude00@ex.com",
        "a@xn--zzzzzzzz99999999.example",
        "a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1]",
        "a@localhost",
        $"{new string('a', 64)}@{string.Join('.', Enumerable.Repeat(new string('b', 62), 3))}",
    ];

    [Fact]
    public async Task Every_value_is_returned_unchanged_and_collides_with_no_other()
    {
        World world = await World.CreateAsync(host.Server, seats: null, users: 0);
        List<User> users = [];
        foreach (string email in Addresses)
        {
            users.Add(await world.AddUserAsync("user", email));
        }

        foreach (User user in users)
        {
            string email = user.Email!.Text;
            Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(email));

            foreach (HttpContent? form in new HttpContent?[] { null, UrlEncoded(world, email), Multipart(world, email) })
            {
                using HttpResponseMessage response = form is null
                    ? await world.PutAsync(world.License.Id, new JsonObject { ["license_id"] = world.License.Id, ["email"] = email })
                    : await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id={world.License.Id}", form);
                JsonObject answer = await response.OkAsync();
                Assert.Equal((user.Id, email), (answer["user_id"]!.GetValue<long>(), answer["email"]!.GetValue<string>()));
            }

            Assert.Equal(HttpStatusCode.OK, await world.CheckAsync(email));
        }
    }

    [Theory]
    [InlineData("Ärger+X@EX.com", "äRGER+x@ex.COM")]
    [InlineData("case@ex.com", "  CASE@EX.COM\t")]
    [InlineData("space@ex.com", "\u00a0space@ex.com\r\n")]
    [InlineData("ada@münchen.example", "Ada@XN--Mnchen-3ya.example")]
    [InlineData("bob@xn--mnchen-3ya.example", "bob@MÜNCHEN.example")]
    public async Task Case_and_surrounding_space_make_no_difference(string known, string given)
    {
        World world = await World.CreateAsync(host.Server, users: 0);
        User user = await world.AddUserAsync("user", known);

        using HttpResponseMessage response = await world.PutAsync(user, new { email = given });

        Assert.Equal(known, (await response.OkAsync())["email"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, await world.CheckAsync(given));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("a b@ex.com")]
    [InlineData("a\0@ex.com")]
    [InlineData("a@ex.com\0")]
    [InlineData("a@ex.com\n,b@ex.com")]
    [InlineData("\"a\n\"@ex.com")]
    [InlineData("Name <a@ex.com>")]
    [InlineData("a@b@ex.com")]
    [InlineData("a\u200bb@ex.com")]
    [InlineData("a\u202eb@ex.com")]
    [InlineData("a@e\u00adx.com")]
    [InlineData("\ufeffa@ex.com")]
    [InlineData("a\ufffd@ex.com")]
    [InlineData("\uffff@ex.com")]
    [InlineData("a\u3164@ex.com")]
    [InlineData("a\udb40\udc41@ex.com")]
    public async Task An_invalid_address_is_rejected_by_POST_and_by_the_check(string email)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage post = await world.PutAsync(world.User, new { email });
        await post.InvalidAsync("email");
        foreach (HttpContent form in new HttpContent[] { UrlEncoded(world, email), Multipart(world, email) })
        {
            using HttpResponseMessage posted = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", form);
            await posted.InvalidAsync("email");
        }

        using HttpResponseMessage check = await world.Client.GetAsync($"{World.Check}?email={Uri.EscapeDataString(email)}", World.Cancellation);
        await check.InvalidAsync("email");
    }

    [Fact]
    public async Task An_unescaped_plus_sign_is_a_space_and_the_response_says_how_to_send_it()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage query = await world.Client.GetAsync($"{World.Check}?email=a+b@example.com", World.Cancellation);
        await AssertMessageAsync(query, "`email` in the query must be an e-mail address; send a plus sign as %2B.");
        using StringContent form = new("license_id=1&email=a+b@example.com", Encoding.UTF8, "application/x-www-form-urlencoded");
        using HttpResponseMessage body = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", form);
        await AssertMessageAsync(body, "`email` in the body must be an e-mail address; send a plus sign as %2B.");
        using HttpResponseMessage json = await world.PutAsync(world.User, new { email = "a b@example.com" });
        await AssertMessageAsync(json, "`email` in the body must be an e-mail address.");
        using HttpResponseMessage noAddress = await world.Client.GetAsync($"{World.Check}?email=a+b", World.Cancellation);
        await AssertMessageAsync(noAddress, "`email` in the query must be an e-mail address.");
    }

    private static async Task AssertMessageAsync(HttpResponseMessage response, string message)
    {
        JsonObject problem = await response.ProblemAsync(400, "invalid_request");
        Assert.Equal(message, Assert.Single(problem["errors"]!["email"]!.AsArray())!.GetValue<string>());
    }

    private static FormUrlEncodedContent UrlEncoded(World world, string email) => new(
        [new("license_id", world.License.Id.ToString(CultureInfo.InvariantCulture)), new("email", email)]);

    private static MultipartFormDataContent Multipart(World world, string email) => new()
    {
        { new StringContent(world.License.Id.ToString(CultureInfo.InvariantCulture)), "license_id" },
        { new StringContent(email), "email" },
    };
}

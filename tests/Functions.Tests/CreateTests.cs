using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Licensing.Licenses;
using Licensing.Users;
using Xunit;

namespace Functions.Tests;

public sealed class CreateTests(ApiHost host)
{
    private static readonly string[] Members =
    [
        "active", "email", "fulfilled", "id", "license_id", "license_name", "metadata", "platform_key", "redirect_to", "user_id", "username",
    ];

    [Fact]
    public async Task A_create_returns_all_eleven_members()
    {
        World world = await World.CreateAsync(host.Server, redirectTo: new Uri("https://course.example.com/start"));

        using HttpResponseMessage response = await world.PutAsync(world.User, new { metadata = new { a = 1, b = (string?)null } });

        JsonObject answer = await response.OkAsync();
        Assert.Equal(Members, answer.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            $$"""
            {"id":1,"user_id":{{world.User.Id}},"username":"user0","email":"{{world.User.Email!.Text}}","active":true,"fulfilled":false,"redirect_to":"https://course.example.com/start","metadata":{"a":1,"b":null},"license_id":1,"license_name":"Course","platform_key":"{{world.Platform.Key}}"}
            """,
            answer.ToJsonString());
    }

    [Fact]
    public async Task A_repeated_create_returns_the_same_and_takes_one_seat()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage first = await world.PutAsync(world.User);
        using HttpResponseMessage second = await world.PutAsync(world.User);

        Assert.Equal((await first.OkAsync()).ToJsonString(), (await second.OkAsync()).ToJsonString());
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task The_published_example_request_works()
    {
        World world = await World.CreateAsync(host.Server);
        string query = $"?license_id={world.License.Id}&page=0&page_size=0&platform_key={world.Platform.Key}&platform_org={world.Platform.Org}&sort=id";

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, World.Assignment + query, Json($$"""
            {
              "license_id": {{world.License.Id}}, "user_id": {{world.User.Id}}, "email": "{{world.User.Email!.Text}}",
              "platform_key": "{{world.Platform.Key}}", "platform_org": "{{world.Platform.Org}}",
              "active": true, "fulfilled": false, "metadata": { "property1": null, "property2": null }
            }
            """));

        Assert.Equal("""{"property1":null,"property2":null}""", (await response.OkAsync())["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task The_user_is_found_by_address_without_regard_to_case_or_space()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.PutAsync(
            world.License.Id, new JsonObject { ["license_id"] = world.License.Id, ["email"] = $" {world.User.Email!.Text.ToUpperInvariant()} " });

        Assert.Equal(world.User.Id, (await response.OkAsync())["user_id"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_user_without_an_address_is_found_by_id_and_has_a_null_email()
    {
        World world = await World.CreateAsync(host.Server);
        User user = await world.AddUserAsync("nameless", email: null);

        using HttpResponseMessage response = await world.PutAsync(user);

        JsonObject answer = await response.OkAsync();
        Assert.True(answer.ContainsKey("email"));
        Assert.Null(answer["email"]);
    }

    [Fact]
    public async Task User_id_and_email_of_different_users_are_rejected()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.PutAsync(world.User, new { email = world.Users[1].Email!.Text });

        await response.InvalidAsync("user_id");
    }

    [Fact]
    public async Task Omitted_active_and_fulfilled_take_their_defaults_on_update_and_omitted_metadata_stays()
    {
        World world = await World.CreateAsync(host.Server);
        using HttpResponseMessage created = await world.PutAsync(world.User, new { active = false, fulfilled = true, metadata = new { a = 1 } });
        using HttpResponseMessage updated = await world.PutAsync(world.User);

        JsonObject answer = await updated.OkAsync();
        Assert.Equal(
            """{"active":true,"fulfilled":false,"metadata":{"a":1}}""",
            new JsonObject { ["active"] = answer["active"]!.DeepClone(), ["fulfilled"] = answer["fulfilled"]!.DeepClone(), ["metadata"] = answer["metadata"]!.DeepClone() }.ToJsonString());
        Assert.Equal((await created.OkAsync())["id"]!.GetValue<long>(), answer["id"]!.GetValue<long>());
    }

    [Fact]
    public async Task Given_metadata_replaces_the_stored_metadata_completely()
    {
        World world = await World.CreateAsync(host.Server);
        using HttpResponseMessage created = await world.PutAsync(world.User, new { metadata = new { a = 1, b = 2 } });
        using HttpResponseMessage updated = await world.PutAsync(world.User, new { metadata = new { c = 3 } });

        Assert.Equal("""{"c":3}""", (await updated.OkAsync())["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task Null_for_an_optional_member_is_the_same_as_omitting_it()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id={world.License.Id}", Json($$"""
            {"license_id":{{world.License.Id}},"user_id":{{world.User.Id}},"email":null,"platform_key":null,"platform_org":null,"active":null,"fulfilled":null,"metadata":null,"unknown":[1]}
            """));

        JsonObject answer = await response.OkAsync();
        Assert.True(answer["active"]!.GetValue<bool>());
        Assert.Equal("{}", answer["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task A_full_license_refuses_seats_until_one_is_freed()
    {
        World world = await World.CreateAsync(host.Server, seats: 1);
        long id = await world.AssignAsync(world.Users[0]);

        using HttpResponseMessage refused = await world.PutAsync(world.Users[1]);
        JsonObject problem = await refused.ProblemAsync(400, "seats_exhausted");
        Assert.Equal((1, 1), (problem["seats"]!.GetValue<int>(), problem["seats_used"]!.GetValue<int>()));
        Assert.False(problem.ContainsKey("retry_after"));
        using HttpResponseMessage unknown = await world.PutAsync(99, world.Body(world.User, new { license_id = 99 }));
        Assert.False((await unknown.ProblemAsync(404, "license_not_found")).ContainsKey("seats"));
        using HttpResponseMessage held = await world.PutAsync(world.Users[0], new { fulfilled = true });
        await held.OkAsync();
        using HttpResponseMessage inactive = await world.PutAsync(world.Users[1], new { active = false });
        await inactive.OkAsync();

        using HttpResponseMessage deleted = await world.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using HttpResponseMessage taken = await world.PutAsync(world.Users[1]);
        await taken.OkAsync();
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task Deactivating_frees_the_seat_and_activating_takes_it_again()
    {
        World world = await World.CreateAsync(host.Server, seats: 1);
        await world.AssignAsync(world.Users[0]);
        using HttpResponseMessage deactivated = await world.PutAsync(world.Users[0], new { active = false });
        await deactivated.OkAsync();
        Assert.Equal(0, (await world.ReadLicenseAsync()).SeatsUsed);

        await world.AssignAsync(world.Users[1]);
        using HttpResponseMessage refused = await world.PutAsync(world.Users[0]);
        await refused.ProblemAsync(400, "seats_exhausted");
    }

    [Fact]
    public async Task A_license_that_has_not_started_or_has_expired_refuses_seats()
    {
        World world = await World.CreateAsync(host.Server);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        License early = await world.AddLicenseAsync(seats: null, starts: now.AddDays(1));
        License late = await world.AddLicenseAsync(seats: null, expires: now.AddDays(-1));

        using HttpResponseMessage notStarted = await world.PutAsync(early.Id, world.Body(world.User, new { license_id = early.Id }));
        await notStarted.ProblemAsync(400, "license_not_started");
        using HttpResponseMessage expired = await world.PutAsync(late.Id, world.Body(world.User, new { license_id = late.Id }));
        await expired.ProblemAsync(400, "license_expired");
    }

    [Fact]
    public async Task Unknown_license_and_unknown_user_are_404()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage noLicense = await world.PutAsync(99, world.Body(world.User, new { license_id = 99 }));
        await noLicense.ProblemAsync(404, "license_not_found");
        using HttpResponseMessage noUser = await world.PutAsync(world.User with { Id = 99 });
        await noUser.ProblemAsync(404, "user_not_found");
        using HttpResponseMessage noAddress = await world.PutAsync(
            world.License.Id, new JsonObject { ["license_id"] = world.License.Id, ["email"] = "nobody@example.com" });
        await noAddress.ProblemAsync(404, "user_not_found");
    }

    [Fact]
    public async Task Another_platforms_license_and_user_are_404()
    {
        World mine = await World.CreateAsync(host.Server);
        World other = await World.CreateAsync(host.Server);
        License foreign = await other.AddLicenseAsync(seats: null, id: 4711);
        User stranger = await other.AddUserAsync("stranger", "stranger@other.example.com", id: 4711);

        using HttpResponseMessage license = await mine.PutAsync(foreign.Id, mine.Body(mine.User, new { license_id = foreign.Id }));
        await license.ProblemAsync(404, "license_not_found");
        using HttpResponseMessage user = await mine.PutAsync(stranger);
        await user.ProblemAsync(404, "user_not_found");
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Assignments;
using Testing;
using Xunit;

namespace Functions.Tests;

public sealed class CreateTests(ApiHost host)
{
    private static readonly string[] Members =
    [
        "active", "email", "fulfilled", "id", "license_id", "license_name", "metadata", "platform_key", "redirect_to", "user_id", "username",
    ];

    [Fact]
    public async Task Creates_and_answers_all_eleven_members()
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
    public async Task The_same_request_again_answers_the_same_and_takes_one_seat()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage first = await world.PutAsync(world.User);
        using HttpResponseMessage second = await world.PutAsync(world.User);

        Assert.Equal((await first.OkAsync()).ToJsonString(), (await second.OkAsync()).ToJsonString());
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task The_published_example_request_works_with_ids_of_ours()
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
    public async Task A_user_without_an_address_is_reached_by_id_and_has_a_null_email()
    {
        World world = await World.CreateAsync(host.Server);
        User user = await world.AddUserAsync("nameless", email: null);

        using HttpResponseMessage response = await world.PutAsync(user);

        JsonObject answer = await response.OkAsync();
        Assert.True(answer.ContainsKey("email"));
        Assert.Null(answer["email"]);
    }

    [Fact]
    public async Task User_id_and_email_of_different_users_are_refused()
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
    public async Task Given_metadata_replaces_what_is_stored_whole()
    {
        World world = await World.CreateAsync(host.Server);
        using HttpResponseMessage created = await world.PutAsync(world.User, new { metadata = new { a = 1, b = 2 } });
        using HttpResponseMessage updated = await world.PutAsync(world.User, new { metadata = new { c = 3 } });

        Assert.Equal("""{"c":3}""", (await updated.OkAsync())["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task Null_for_an_optional_member_is_the_same_as_leaving_it_out()
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
    public async Task A_full_license_gives_no_seat_until_one_is_freed()
    {
        World world = await World.CreateAsync(host.Server, seats: 1);
        long id = await world.AssignAsync(world.Users[0]);

        using HttpResponseMessage refused = await world.PutAsync(world.Users[1]);
        await refused.ProblemAsync(400, "seats_exhausted");
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
    public async Task A_license_that_has_not_started_or_has_expired_gives_no_seat()
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
    public async Task Another_platforms_license_and_user_look_as_if_they_did_not_exist()
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

    [Fact]
    public async Task All_faults_of_a_request_are_reported_at_once()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(
            HttpMethod.Post,
            $"{World.Assignment}?license_id=x&page=a&page_size=-1&platform_key=&platform_org=&sort=",
            Json("""{"license_id":"5","user_id":1.5,"email":"nobody","active":"true","fulfilled":0,"metadata":[]}"""));

        await response.InvalidAsync(
            "license_id", "page", "page_size", "platform_key", "platform_org", "sort", "user_id", "email", "active", "fulfilled", "metadata");
    }

    [Theory]
    [InlineData("""{"user_id":1}""", "license_id")]
    [InlineData("""{"license_id":null,"user_id":1}""", "license_id")]
    [InlineData("""{"license_id":2,"user_id":1}""", "license_id")]
    [InlineData("""{"license_id":1}""", "user_id")]
    [InlineData("""{"license_id":1,"user_id":1,"platform_key":""}""", "platform_key")]
    [InlineData("""{"license_id":1,"user_id":9223372036854775808}""", "user_id")]
    [InlineData("""{"license_id":1.0,"user_id":1}""", "license_id")]
    [InlineData("""{"license_id":1,"user_id":1e3}""", "user_id")]
    public async Task A_body_that_breaks_a_rule_is_refused_for_that_member(string body, string field)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", Json(body));

        await response.InvalidAsync(field);
    }

    [Fact]
    public async Task The_query_needs_its_license_id()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, World.Assignment, Json("""{"license_id":1,"user_id":1}"""));

        JsonObject problem = await response.ProblemAsync(400, "invalid_request");
        Assert.NotNull(problem["errors"]!["license_id"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"license_id":1} x""")]
    [InlineData("""{"license_id":1,"email":"\ud800@example.com"}""")]
    public async Task A_body_that_is_no_JSON_object_is_malformed(string body)
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", Json(body));

        await response.ProblemAsync(400, "malformed_json");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/scim+json")]
    [InlineData(null)]
    public async Task JSON_is_taken_under_its_names_and_without_one(string? mediaType)
    {
        World world = await World.CreateAsync(host.Server);
        using ByteArrayContent body = new(Encoding.UTF8.GetBytes(world.Body(world.User).ToJsonString()));
        body.Headers.ContentType = mediaType is null ? null : MediaTypeHeaderValue.Parse(mediaType);

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", body);

        await response.OkAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("nonsense")]
    public async Task Another_media_type_is_415(string mediaType)
    {
        World world = await World.CreateAsync(host.Server);
        using ByteArrayContent body = new(Encoding.UTF8.GetBytes(world.Body(world.User).ToJsonString()));
        Assert.True(body.Headers.TryAddWithoutValidation("Content-Type", mediaType));

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", body);

        await response.ProblemAsync(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_64_KiB_is_413_with_and_without_a_length(bool chunked)
    {
        World world = await World.CreateAsync(host.Server);
        string text = world.Body(world.User, new { unknown = new string('x', 70_000) }).ToJsonString();
        using HttpContent body = chunked ? new StreamContent(new Unseekable(Encoding.UTF8.GetBytes(text))) : Json(text);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using HttpResponseMessage response = await world.SendAsync(HttpMethod.Post, $"{World.Assignment}?license_id=1", body);

        await response.ProblemAsync(413, "body_too_large");
    }

    [Fact]
    public async Task Metadata_of_32000_characters_is_kept_and_one_more_is_refused()
    {
        World world = await World.CreateAsync(host.Server);
        static object Metadata(int length) => new { metadata = new { a = new string('x', length - """{"a":""}""".Length) } };

        using HttpResponseMessage kept = await world.PutAsync(world.User, Metadata(32_000));
        Assert.Equal(32_000, (await kept.OkAsync())["metadata"]!.ToJsonString().Length);
        using HttpResponseMessage refused = await world.PutAsync(world.User, Metadata(32_001));
        await refused.InvalidAsync("metadata");
    }

    [Fact]
    public async Task Metadata_nested_32_deep_is_kept_and_33_deep_is_refused()
    {
        World world = await World.CreateAsync(host.Server);
        static JsonNode Nested(int depth) => depth == 1 ? new JsonObject() : new JsonObject { ["a"] = Nested(depth - 1) };

        using HttpResponseMessage kept = await world.PutAsync(world.User, new { metadata = Nested(32) });
        await kept.OkAsync();
        using HttpResponseMessage refused = await world.PutAsync(world.User, new { metadata = Nested(33) });
        await refused.InvalidAsync("metadata");
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

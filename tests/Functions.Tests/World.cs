using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>A test's own platform on a running API, with a key, a license, users and a client.</summary>
internal sealed class World(ApiServer host, Platform platform, string key, License license, IReadOnlyList<User> users)
{
    public const string Assignment = "/api/catalog/licenses/user/assignment/";
    public const string Check = Assignment + "check/";

    private static int _count;

    public HttpClient Client => host.Client;

    public IServiceProvider Services => host.Services;

    public Platform Platform => platform;

    public string Key => key;

    public License License => license;

    public IReadOnlyList<User> Users => users;

    public User User => users[0];

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="seats">Of the license; null for unlimited.</param>
    public static async Task<World> CreateAsync(ApiServer host, long? seats = 5, int users = 2, string? platformKey = null, Uri? redirectTo = null)
    {
        string name = $"p{Interlocked.Increment(ref _count)}";
        Platform platform = new(platformKey ?? name, $"{name}-org", Suspended: false);
        Assert.True(await host.Services.GetRequiredService<PlatformStore>().TryCreateAsync(platform, Cancellation));
        (_, ApiKeySecret secret) = await host.Services.GetRequiredService<ApiKeyStore>().CreateAsync(platform, "test", expires: null, Cancellation);
        License? license = await host.Services.GetRequiredService<LicenseStore>()
            .CreateAsync(platform.Key, id: null, "Course", seats, starts: null, expires: null, redirectTo, Cancellation);
        World world = new(host, platform, secret.Reveal(), license!, []);
        List<User> added = [];
        for (int i = 0; i < users; i++)
        {
            added.Add(await world.AddUserAsync($"user{i}", $"user{i}@{name}.example.com"));
        }

        return new World(host, platform, secret.Reveal(), license!, added);
    }

    public async Task<User> AddUserAsync(string username, string? email, long? id = null)
    {
        EmailAddress? address = null;
        Assert.True(email is null || EmailAddress.TryParse(email, out address));
        AddUserOutcome outcome = await Services.GetRequiredService<UserStore>().AddAsync(platform.Key, id, username, address, Cancellation);
        return Assert.IsType<AddUserOutcome.Added>(outcome).User;
    }

    public async Task<License> AddLicenseAsync(long? seats, DateTimeOffset? starts = null, DateTimeOffset? expires = null, long? id = null) =>
        (await Services.GetRequiredService<LicenseStore>()
            .CreateAsync(platform.Key, id, "Another", seats, starts, expires, redirectTo: null, Cancellation))!;

    /// <summary>The license row as storage has it.</summary>
    public async Task<License> ReadLicenseAsync() =>
        (await Services.GetRequiredService<LicenseStore>().FindAsync(platform.Key, license.Id, Cancellation))!;

    public Task<HttpResponseMessage> PutAsync(User user, object? more = null) => PutAsync(license.Id, Body(user, more));

    public Task<HttpResponseMessage> PutAsync(long licenseId, JsonNode? body) =>
        SendAsync(HttpMethod.Post, $"{Assignment}?license_id={licenseId}", JsonContent.Create(body));

    /// <summary>A body that names the user by id, with additions or overrides from <paramref name="more"/>.</summary>
    public JsonObject Body(User user, object? more = null)
    {
        JsonObject body = new() { ["license_id"] = license.Id, ["user_id"] = user.Id };
        foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(more)?.AsObject() ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    public Task<HttpResponseMessage> DeleteAsync(long assignmentId, long? licenseId = null) =>
        SendAsync(HttpMethod.Delete, $"{Assignment}?license_id={licenseId ?? license.Id}&assignment_id={assignmentId}");

    public async Task<HttpStatusCode> CheckAsync(string email)
    {
        using HttpResponseMessage response = await Client.GetAsync($"{Check}?email={Uri.EscapeDataString(email)}", Cancellation);
        return response.StatusCode;
    }

    /// <param name="authorization">The header value; null for this platform's key, empty for no header.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string uri, HttpContent? content = null, string? authorization = null)
    {
        using HttpRequestMessage request = new(method, uri) { Content = content };
        if (authorization != "")
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Authorization", authorization ?? key));
        }

        return await Client.SendAsync(request, Cancellation);
    }

    public async Task<long> AssignAsync(User user)
    {
        using HttpResponseMessage response = await PutAsync(user);
        return (await response.OkAsync())["id"]!.GetValue<long>();
    }
}

internal static class Answers
{
    public static async Task<JsonObject> JsonAsync(this HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(World.Cancellation))!.AsObject();

    public static async Task<JsonObject> OkAsync(this HttpResponseMessage response)
    {
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.JsonAsync();
    }

    /// <summary>Asserts that the response is a complete problem document with this status and code.</summary>
    public static async Task<JsonObject> ProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        string text = await response.Content.ReadAsStringAsync(World.Cancellation);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonObject problem = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(code, problem["code"]!.GetValue<string>());
        Assert.Equal(status, problem["status"]!.GetValue<int>());
        Assert.All(["type", "title", "detail", "traceId"], name => Assert.NotEmpty(problem[name]!.GetValue<string>()));
        return problem;
    }

    /// <summary>Asserts that the request is rejected as invalid, for exactly these fields.</summary>
    public static async Task InvalidAsync(this HttpResponseMessage response, params string[] fields)
    {
        JsonObject problem = await response.ProblemAsync(400, "invalid_request");
        Assert.Equal(fields.Order(), problem["errors"]!.AsObject().Select(error => error.Key).Order());
    }
}

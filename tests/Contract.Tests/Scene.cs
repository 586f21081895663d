using System.Text;
using System.Text.Json.Nodes;
using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Contract.Tests;

/// <summary>A test's own platform with a key, a license and users, and requests for it. Every response is checked against the document.</summary>
internal sealed class Scene(ApiDocument document, Service service, ApiServer server, Platform platform, string key)
{
    public const string Assignment = "/api/catalog/licenses/user/assignment/";
    public const string Check = Assignment + "check/";

    /// <summary>The first of a platform's ids.</summary>
    public const long License = 1;

    public const int Users = 3;

    private static int _count;

    public Service Service => service;

    public string Key => key;

    public string Email => EmailOf(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IServiceProvider Services => server.Services;

    /// <param name="seats">Of the license; null for unlimited.</param>
    public static async Task<Scene> CreateAsync(ApiDocument document, Service service, long? seats = 1, bool suspended = false)
    {
        string name = $"p{Interlocked.Increment(ref _count)}";
        Platform platform = new(name, $"{name}-org", suspended);
        ApiServer server = await service.ServerAsync();
        IServiceProvider services = server.Services;
        Assert.True(await services.GetRequiredService<PlatformStore>().TryCreateAsync(platform, Cancellation));
        (_, ApiKeySecret secret) = await services.GetRequiredService<ApiKeyStore>().CreateAsync(platform, "test", expires: null, Cancellation);
        Scene scene = new(document, service, server, platform, secret.Reveal());
        await scene.AddLicenseAsync(seats);
        for (int user = 1; user <= Users; user++)
        {
            Assert.True(EmailAddress.TryParse(scene.EmailOf(user), out EmailAddress? email));
            Assert.IsType<AddUserOutcome.Added>(
                await services.GetRequiredService<UserStore>().AddAsync(platform.Key, user, $"user{user}", email, Cancellation));
        }

        return scene;
    }

    public string EmailOf(int user) => $"user{user}@{platform.Key}.example.com";

    public async Task<long> AddLicenseAsync(long? seats, DateTimeOffset? starts = null, DateTimeOffset? expires = null) =>
        (await Services.GetRequiredService<LicenseStore>()
            .CreateAsync(platform.Key, id: null, "Course", seats, starts, expires, new Uri("https://course.example.com/"), Cancellation))!.Id;

    public async Task DeactivateLicenseAsync()
    {
        Azure.Data.Tables.TableClient assignments = service.AssignmentsOf(server);
        await foreach (var row in assignments.QueryAsync<Azure.Data.Tables.TableEntity>(
            Azure.Data.Tables.TableClient.CreateQueryFilter($"PartitionKey eq {platform.Key} and Name eq 'Course'"), cancellationToken: Cancellation))
        {
            row["Active"] = false;
            await assignments.UpdateEntityAsync(row, row.ETag, cancellationToken: Cancellation);
        }
    }

    public Task<Answer> CreateAsync(long user = 1, long license = License, ApiServer? another = null) =>
        PostAsync($"?license_id={license}", $$"""{"license_id":{{license}},"user_id":{{user}}}""", another: another);

    public Task<Answer> PostAsync(string query, string body, string mediaType = "application/json", ApiServer? another = null) =>
        SendAsync(HttpMethod.Post, Assignment + query, new StringContent(body, Encoding.UTF8, mediaType), another: another);

    public Task<Answer> DestroyAsync(long assignment, ApiServer? another = null) =>
        SendAsync(HttpMethod.Delete, $"{Assignment}?license_id={License}&assignment_id={assignment}", another: another);

    public Task<Answer> CheckAsync(string email, ApiServer? another = null) =>
        SendAsync(HttpMethod.Get, $"{Check}?email={Uri.EscapeDataString(email)}", authorization: "", another: another);

    public async Task<long> AssignAsync(long user = 1)
    {
        Answer answer = await CreateAsync(user);
        Assert.Equal(200, answer.Status);
        return JsonNode.Parse(answer.Body)!["id"]!.GetValue<long>();
    }

    /// <param name="authorization">The header value; null for this platform's key, empty for no header.</param>
    /// <param name="another">The server to use instead of the service.</param>
    public async Task<Answer> SendAsync(
        HttpMethod method, string uri, HttpContent? content = null, string? authorization = null, ApiServer? another = null)
    {
        using HttpRequestMessage request = new(method, uri) { Content = content };
        if (authorization != "")
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Authorization", authorization ?? key));
        }

        using HttpResponseMessage response = await (another ?? server).Client.SendAsync(request, Cancellation);
        Answer answer = await Answer.ReadAsync(response, Cancellation);
        Operation operation = Assert.IsType<Operation>(document.Find(method.Method, uri.Split('?')[0]));
        Assert.Empty(document.Differences(operation, answer));
        return answer;
    }
}

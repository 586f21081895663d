using System.Text.Json.Nodes;
using Licensing.ApiKeys;
using TestSupport;
using Xunit;

namespace Contract.Tests;

/// <summary>
/// Checks the document against the running service in both directions: every documented response can be provoked, and every
/// response is documented (see <see cref="Scene.SendAsync"/>).
/// </summary>
public abstract class ResponsesTests(ApiDocument document, Service service)
{
    private const string Create = "catalog_licenses_user_assignment_create";
    private const string Destroy = "catalog_licenses_user_assignment_destroy";
    private const string Check = "catalog_licenses_user_assignment_check_retrieve";

    private const string Own = "?license_id=1&assignment_id=1";
    private const string Foreign = "&platform_key=another";

    /// <summary>For each documented response, a request that provokes it.</summary>
    private static readonly Dictionary<(string Operation, int Status, string? Code), Func<Scene, Task<Answer>>> Provocations = new()
    {
        [(Create, 200, null)] = scene => scene.CreateAsync(),
        [(Create, 400, "invalid_request")] = scene => scene.PostAsync("", """{"license_id":"1"}"""),
        [(Create, 400, "malformed_json")] = scene => scene.PostAsync("?license_id=1", "{"),
        [(Create, 400, "seats_exhausted")] = async scene =>
        {
            await scene.AssignAsync(user: 1);
            return await scene.CreateAsync(user: 2);
        },
        [(Create, 400, "license_inactive")] = async scene =>
        {
            await scene.DeactivateLicenseAsync();
            return await scene.CreateAsync();
        },
        [(Create, 400, "license_not_started")] = async scene =>
            await scene.CreateAsync(license: await scene.AddLicenseAsync(seats: 1, starts: DateTimeOffset.MaxValue.AddYears(-1))),
        [(Create, 400, "license_expired")] = async scene =>
            await scene.CreateAsync(license: await scene.AddLicenseAsync(seats: 1, expires: DateTimeOffset.UnixEpoch)),
        [(Create, 401, "unauthenticated")] = scene => scene.SendAsync(HttpMethod.Post, Scene.Assignment, authorization: "YOUR_API_KEY_HERE"),
        [(Create, 403, "platform_mismatch")] = scene => scene.PostAsync($"?license_id=1{Foreign}", """{"license_id":1,"user_id":1}"""),
        [(Create, 403, "platform_suspended")] = scene => scene.CreateAsync(),
        [(Create, 404, "license_not_found")] = scene => scene.CreateAsync(license: 99),
        [(Create, 404, "user_not_found")] = scene => scene.CreateAsync(user: 99),
        [(Create, 413, "body_too_large")] = scene => scene.PostAsync("?license_id=1", new string(' ', 65_537)),
        [(Create, 415, "unsupported_media_type")] = scene => scene.PostAsync("?license_id=1", "<a/>", "application/xml"),
        [(Create, 429, "too_many_requests")] = scene => PastTheLimitAsync(scene, (server, key) =>
            scene.SendAsync(HttpMethod.Post, Scene.Assignment, authorization: key, another: server)),
        [(Create, 500, "internal_error")] = scene => WithoutStorageAsync(scene, InvalidAsync, server => scene.CreateAsync(another: server)),
        [(Create, 503, "storage_unavailable")] = scene => WithoutStorageAsync(scene, BrokenStorage.UnreachableAsync, server => scene.CreateAsync(another: server)),

        [(Destroy, 200, null)] = async scene => await scene.DestroyAsync(await scene.AssignAsync()),
        [(Destroy, 400, "invalid_request")] = scene => scene.SendAsync(HttpMethod.Delete, Scene.Assignment),
        [(Destroy, 401, "unauthenticated")] = scene => scene.SendAsync(HttpMethod.Delete, Scene.Assignment + Own, authorization: ""),
        [(Destroy, 403, "platform_mismatch")] = scene => scene.SendAsync(HttpMethod.Delete, Scene.Assignment + Own + Foreign),
        [(Destroy, 403, "platform_suspended")] = scene => scene.DestroyAsync(1),
        [(Destroy, 404, "assignment_not_found")] = scene => scene.DestroyAsync(99),
        [(Destroy, 429, "too_many_requests")] = scene => PastTheLimitAsync(scene, (server, key) =>
            scene.SendAsync(HttpMethod.Delete, Scene.Assignment, authorization: key, another: server)),
        [(Destroy, 500, "internal_error")] = scene => WithoutStorageAsync(scene, InvalidAsync, server => scene.DestroyAsync(1, server)),
        [(Destroy, 503, "storage_unavailable")] = scene => WithoutStorageAsync(scene, BrokenStorage.UnreachableAsync, server => scene.DestroyAsync(1, server)),

        [(Check, 200, null)] = async scene =>
        {
            await scene.AssignAsync();
            return await scene.CheckAsync(scene.Email);
        },
        [(Check, 400, "invalid_request")] = scene => scene.CheckAsync("nobody"),
        [(Check, 404, "no_active_assignment")] = scene => scene.CheckAsync(scene.Email),
        [(Check, 429, "too_many_requests")] = scene => PastTheLimitAsync(scene, (server, _) => scene.CheckAsync(scene.Email, server)),
        [(Check, 500, "internal_error")] = scene => WithoutStorageAsync(scene, InvalidAsync, server => scene.CheckAsync(scene.Email, server)),
        [(Check, 503, "storage_unavailable")] = scene => WithoutStorageAsync(scene, BrokenStorage.UnreachableAsync, server => scene.CheckAsync(scene.Email, server)),
    };

    public static IEnumerable<TheoryDataRow<string, int, string?>> Documented =>
        ApiDocument.DocumentedAnswers().Select(answer => new TheoryDataRow<string, int, string?>(answer.Operation, answer.Status, answer.Code));

    [Theory]
    [MemberData(nameof(Documented))]
    public async Task Every_documented_response_can_be_produced_and_matches_its_example(string operation, int status, string? code)
    {
        Assert.True(Provocations.TryGetValue((operation, status, code), out Func<Scene, Task<Answer>>? provoke), "No request of this test gets it.");

        Answer answer = await provoke(await Scene.CreateAsync(document, service, suspended: code == "platform_suspended"));

        Assert.Equal((status, code), (answer.Status, answer.Code));
        if (code is not null)
        {
            Assert.Equal(
                document.ProblemExample(operation, status, code).ToJsonString(),
                ApiDocument.Comparable(JsonNode.Parse(answer.Body)!).ToJsonString());
        }
    }

    /// <summary>The second of two requests with different unknown keys, where one a minute is allowed.</summary>
    private static async Task<Answer> PastTheLimitAsync(Scene scene, Func<ApiServer, string, Task<Answer>> send)
    {
        await using ApiServer server = await scene.Service.StartLimitedAsync(checksPerMinute: 1);
        await send(server, ApiKeySecret.Create().Reveal());
        return await send(server, ApiKeySecret.Create().Reveal());
    }

    private static Task<BrokenStorage> InvalidAsync() => BrokenStorage.AnsweringAsync(200, "nonsense");

    private static async Task<Answer> WithoutStorageAsync(Scene scene, Func<Task<BrokenStorage>> start, Func<ApiServer, Task<Answer>> send)
    {
        await using BrokenStorage storage = await start();
        await using ApiServer server = await scene.Service.StartOnAsync(storage);
        return await send(server);
    }
}

public sealed class ResponsesOnLocalHostTests(ApiDocument document, LocalHostService service) : ResponsesTests(document, service)
{
    [Theory]
    [InlineData("/openapi.yaml", "application/yaml")]
    [InlineData("/", "text/html")]
    public async Task LocalHost_serves_the_document_and_the_page(string path, string mediaType)
    {
        ApiServer server = await service.ServerAsync();

        using HttpResponseMessage response = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal((200, mediaType), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }
}

public sealed class ResponsesOnTheWorkerTests(ApiDocument document, WorkerService service) : ResponsesTests(document, service);

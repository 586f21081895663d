using System.Net;
using System.Net.Http.Json;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Licensing.Licenses;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

public sealed class DeleteTests(ApiHost host)
{
    [Fact]
    public async Task A_delete_is_200_with_an_empty_body_and_404_when_repeated()
    {
        World world = await World.CreateAsync(host.Server);
        long id = await world.AssignAsync(world.User);

        using HttpResponseMessage deleted = await world.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Empty(await deleted.Content.ReadAsByteArrayAsync(World.Cancellation));
        Assert.Equal(0, (await world.ReadLicenseAsync()).SeatsUsed);

        using HttpResponseMessage again = await world.DeleteAsync(id);
        await again.ProblemAsync(404, "assignment_not_found");
    }

    [Fact]
    public async Task A_recreated_assignment_has_a_new_id()
    {
        World world = await World.CreateAsync(host.Server);
        long first = await world.AssignAsync(world.User);
        using HttpResponseMessage deleted = await world.DeleteAsync(first);

        Assert.NotEqual(first, await world.AssignAsync(world.User));
    }

    [Fact]
    public async Task An_assignment_recreated_by_another_host_under_a_lower_id_can_be_deleted_here()
    {
        await using LocalHostServer second = await host.StartAnotherAsync();
        World world = await World.CreateAsync(host.Server);
        World elsewhere = new(second, world.Platform, world.Key, world.License, world.Users);

        // The other instance leases the first block of ids, this one the second.
        await elsewhere.AssignAsync(world.Users[1]);
        long first = await world.AssignAsync(world.User);
        using HttpResponseMessage removed = await elsewhere.DeleteAsync(first);
        long anew = await elsewhere.AssignAsync(world.User);
        Assert.InRange(anew, 1, first - 1);

        using HttpResponseMessage deleted = await world.DeleteAsync(anew);

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task Deleting_an_inactive_assignment_frees_no_seat()
    {
        World world = await World.CreateAsync(host.Server);
        await world.AssignAsync(world.Users[0]);
        using HttpResponseMessage inactive = await world.PutAsync(world.Users[1], new { active = false });

        using HttpResponseMessage deleted = await world.DeleteAsync((await inactive.OkAsync())["id"]!.GetValue<long>());

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task Unknown_ids_and_those_of_another_license_or_platform_are_404()
    {
        World world = await World.CreateAsync(host.Server);
        World other = await World.CreateAsync(host.Server);
        License another = await world.AddLicenseAsync(seats: 1);
        long id = await world.AssignAsync(world.User);

        using HttpResponseMessage unknown = await world.DeleteAsync(99);
        await unknown.ProblemAsync(404, "assignment_not_found");
        using HttpResponseMessage otherLicense = await world.DeleteAsync(id, another.Id);
        await otherLicense.ProblemAsync(404, "assignment_not_found");
        using HttpResponseMessage otherPlatform = await other.DeleteAsync(id);
        await otherPlatform.ProblemAsync(404, "assignment_not_found");
        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Fact]
    public async Task Both_ids_are_required_integers()
    {
        World world = await World.CreateAsync(host.Server);

        using HttpResponseMessage missing = await world.SendAsync(HttpMethod.Delete, World.Assignment);
        await missing.InvalidAsync("license_id", "assignment_id");
        using HttpResponseMessage malformed = await world.SendAsync(HttpMethod.Delete, $"{World.Assignment}?license_id=1&assignment_id=1e3");
        await malformed.InvalidAsync("assignment_id");
    }

    [Fact]
    public async Task A_delete_that_the_host_delivers_twice_succeeds_twice()
    {
        World world = await World.CreateAsync(host.Server);
        long id = await world.AssignAsync(world.User);
        string invocation = Guid.NewGuid().ToString();

        for (int delivery = 0; delivery < 2; delivery++)
        {
            using HttpRequestMessage request = new(HttpMethod.Delete, $"{World.Assignment}?license_id={world.License.Id}&assignment_id={id}");
            request.Headers.TryAddWithoutValidation("Authorization", world.Key);
            request.Headers.Add("x-ms-invocation-id", invocation);
            using HttpResponseMessage response = await world.Client.SendAsync(request, World.Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        using HttpResponseMessage another = await world.DeleteAsync(id);
        await another.ProblemAsync(404, "assignment_not_found");
    }

    [Fact]
    public async Task A_delete_repeated_with_its_Idempotency_Key_is_200_on_any_instance()
    {
        await using LocalHostServer second = await host.StartAnotherAsync();
        World world = await World.CreateAsync(host.Server);
        World elsewhere = new(second, world.Platform, world.Key, world.License, world.Users);
        long id = await world.AssignAsync(world.User);
        await world.AssignAsync(world.Users[1]);

        foreach (World server in new[] { world, elsewhere, world })
        {
            Assert.Equal(HttpStatusCode.OK, (await DeleteAsync(server, id, "key-1")).Status);
        }

        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
        foreach (string?[] other in new string?[][] { [null], ["key-2"], ["KEY-1"] })
        {
            Assert.Equal((HttpStatusCode.NotFound, "assignment_not_found"), await DeleteAsync(elsewhere, id, other!));
        }
    }

    [Fact]
    public async Task An_Idempotency_Key_names_one_request_about_one_assignment()
    {
        World world = await World.CreateAsync(host.Server, users: 3);
        World other = await World.CreateAsync(host.Server);
        long[] ids = [await world.AssignAsync(world.Users[0]), await world.AssignAsync(world.Users[1])];
        long theirs = await other.AssignAsync(other.User);

        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync(world, ids[0], "key")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(world, 99, "key")).Status);
        Assert.Equal(2, (await world.ReadLicenseAsync()).SeatsUsed + (await other.ReadLicenseAsync()).SeatsUsed);

        // Deleted by somebody else: the same key does not prove that this client did it.
        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync(world, ids[1], "another")).Status);
        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync(other, theirs, "another")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(world, ids[1], "key")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync(other, theirs, "key")).Status);
    }

    [Fact]
    public async Task A_recreated_assignment_is_not_deleted_by_the_key_that_deleted_the_old_one()
    {
        World world = await World.CreateAsync(host.Server);
        long first = await world.AssignAsync(world.User);
        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync(world, first, "key")).Status);
        await world.AssignAsync(world.User);

        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync(world, first, "key")).Status);

        Assert.Equal(1, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task An_Idempotency_Key_is_one_header_of_1_to_255_visible_ASCII_characters(string method)
    {
        World world = await World.CreateAsync(host.Server);
        using SocketsHttpHandler handler = new() { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        using HttpClient client = new(handler) { BaseAddress = world.Client.BaseAddress };
        string longest = new('k', 255);

        foreach (string[] faulty in new string[][] { [""], [longest + "k"], ["two words"], ["clé"], ["tab\there"], ["one", "two"], ["same", "same"] })
        {
            using HttpResponseMessage refused = await SendAsync(faulty);
            await refused.InvalidAsync("Idempotency-Key");
        }

        foreach (string key in new[] { longest, "!", "~", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"" })
        {
            using HttpResponseMessage served = await SendAsync([key]);
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }

        async Task<HttpResponseMessage> SendAsync(string[] keys)
        {
            long id = await world.AssignAsync(world.User);
            using HttpRequestMessage request = method == "DELETE"
                ? new(HttpMethod.Delete, $"{World.Assignment}?license_id={world.License.Id}&assignment_id={id}")
                : new(HttpMethod.Post, $"{World.Assignment}?license_id={world.License.Id}") { Content = JsonContent.Create(world.Body(world.User)) };
            request.Headers.TryAddWithoutValidation("Authorization", world.Key);
            request.Headers.TryAddWithoutValidation("Idempotency-Key", keys);
            return await client.SendAsync(request, World.Cancellation);
        }
    }

    [Fact]
    public async Task An_invalid_Idempotency_Key_is_reported_with_all_other_errors_and_after_the_API_key()
    {
        World world = await World.CreateAsync(host.Server);
        using HttpRequestMessage request = new(HttpMethod.Delete, $"{World.Assignment}?license_id=x");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "");
        using HttpResponseMessage nobody = await world.Client.SendAsync(request, World.Cancellation);
        await nobody.ProblemAsync(401, "unauthenticated");
        using HttpRequestMessage signed = new(HttpMethod.Delete, $"{World.Assignment}?license_id=x");
        signed.Headers.TryAddWithoutValidation("Authorization", world.Key);
        signed.Headers.TryAddWithoutValidation("Idempotency-Key", "");
        using HttpResponseMessage refused = await world.Client.SendAsync(signed, World.Cancellation);
        await refused.InvalidAsync("Idempotency-Key", "license_id", "assignment_id");
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_another_request()
    {
        World world = await World.CreateAsync(host.Server);
        foreach (bool fulfilled in new[] { true, false, true })
        {
            using HttpRequestMessage request = new(HttpMethod.Post, $"{World.Assignment}?license_id={world.License.Id}")
            {
                Content = JsonContent.Create(world.Body(world.User, new { fulfilled })),
            };
            request.Headers.TryAddWithoutValidation("Authorization", world.Key);
            request.Headers.Add("Idempotency-Key", "key");
            using HttpResponseMessage response = await world.Client.SendAsync(request, World.Cancellation);
            Assert.Equal(fulfilled, (await response.OkAsync())["fulfilled"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task Contradictory_rows_are_500_after_a_few_tries_and_the_log_names_them()
    {
        LogLines log = new();
        await using LocalHostServer server = await host.StartAnotherAsync(log.AddTo);
        World world = await World.CreateAsync(server);
        long lost = await world.AssignAsync(world.Users[0]);
        long ahead = await world.AssignAsync(world.Users[1]);
        TableClient table = server.Services.GetRequiredService<Tables>().Assignments;
        string partition = world.Platform.Key;
        await table.DeleteEntityAsync(partition, $"assignment-{world.Users[0].Id:D19}-{world.License.Id:D19}", ETag.All, World.Cancellation);
        await table.AddEntityAsync(new TableEntity(partition, $"history-{ahead:D19}-{2:D10}"), World.Cancellation);

        Assert.Equal((HttpStatusCode.InternalServerError, "internal_error"), await DeleteAsync(world, lost, "key"));
        Assert.Equal((HttpStatusCode.InternalServerError, "internal_error"), await DeleteAsync(world, ahead, "key"));
        using HttpResponseMessage updated = await world.PutAsync(world.Users[1], new { fulfilled = true });
        await updated.ProblemAsync(500, "internal_error");

        Assert.Equal(3, log.Errors.Count(line => line.Contains($"license-admin verify {partition}", StringComparison.Ordinal)));
        Assert.Equal(2, (await world.ReadLicenseAsync()).SeatsUsed);
    }

    private static async Task<(HttpStatusCode Status, string? Code)> DeleteAsync(World world, long id, params string?[] keys)
    {
        using HttpRequestMessage request = new(HttpMethod.Delete, $"{World.Assignment}?license_id={world.License.Id}&assignment_id={id}");
        request.Headers.TryAddWithoutValidation("Authorization", world.Key);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", keys.OfType<string>());
        using HttpResponseMessage response = await world.Client.SendAsync(request, World.Cancellation);
        return (response.StatusCode, response.IsSuccessStatusCode ? null : (await response.JsonAsync())["code"]!.GetValue<string>());
    }
}

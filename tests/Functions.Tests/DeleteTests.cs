using System.Net;
using Assignments;
using Testing;
using Xunit;

namespace Functions.Tests;

public sealed class DeleteTests(ApiHost host)
{
    [Fact]
    public async Task Deleting_answers_200_with_an_empty_body_and_again_404()
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
    public async Task An_assignment_made_anew_has_a_new_id()
    {
        World world = await World.CreateAsync(host.Server);
        long first = await world.AssignAsync(world.User);
        using HttpResponseMessage deleted = await world.DeleteAsync(first);

        Assert.NotEqual(first, await world.AssignAsync(world.User));
    }

    [Fact]
    public async Task What_another_host_made_anew_under_a_lower_id_can_be_deleted_here()
    {
        await using LocalHostServer second = await host.StartAnotherAsync();
        World world = await World.CreateAsync(host.Server);
        World elsewhere = new(second, world.Platform, world.Key, world.License, world.Users);

        // The first block of ids goes there, the second stays here.
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
}

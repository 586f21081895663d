using System.Net;
using Azure;
using Azure.Data.Tables;
using Licensing.Platforms;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Licenses that refuse seats although they are not full, and suspended platforms.</summary>
public sealed class LicenseStateTests(ApiHost host)
{
    public static TheoryData<string, object, string> States => new()
    {
        { "Active", false, "license_inactive" },
        { "Starts", TimeProvider.System.GetUtcNow().AddHours(1), "license_not_started" },
        { "Expires", TimeProvider.System.GetUtcNow().AddHours(-1), "license_expired" },
    };

    [Theory]
    [MemberData(nameof(States), DisableDiscoveryEnumeration = true)]
    public async Task An_invalid_license_refuses_new_seats_keeps_existing_ones_and_passes_no_check(string property, object value, string code)
    {
        World before = await World.CreateAsync(host.Server);
        long id = await before.AssignAsync(before.User);
        Assert.Equal(HttpStatusCode.OK, await before.CheckAsync(before.User.Email!.Text));
        await SetAsync(before, $"license-{before.License.Id:D19}", property, value);
        await using LocalHostServer server = await host.StartAnotherAsync();
        World world = new(server, before.Platform, before.Key, before.License, before.Users);

        using HttpResponseMessage refused = await world.PutAsync(world.Users[1]);
        await refused.ProblemAsync(400, code);
        using HttpResponseMessage inactive = await world.PutAsync(world.Users[1], new { active = false });
        await inactive.OkAsync();
        using HttpResponseMessage held = await world.PutAsync(world.User, new { fulfilled = true });
        await held.OkAsync();
        Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(world.User.Email!.Text));
        using HttpResponseMessage deleted = await world.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using HttpResponseMessage again = await world.PutAsync(world.User);
        await again.ProblemAsync(400, code);
    }

    [Fact]
    public async Task A_suspended_platforms_key_is_403_and_its_assignments_count_for_checks()
    {
        World before = await World.CreateAsync(host.Server);
        long id = await before.AssignAsync(before.User);
        PlatformStore platforms = before.Services.GetRequiredService<PlatformStore>();
        await Table(before, "Platforms").UpdateEntityAsync(
            new TableEntity("platform", before.Platform.Key) { ["Suspended"] = true }, ETag.All, TableUpdateMode.Merge, World.Cancellation);
        Assert.True((await platforms.FindAsync(before.Platform.Key, World.Cancellation))!.Suspended);
        await using LocalHostServer server = await host.StartAnotherAsync();
        World world = new(server, before.Platform, before.Key, before.License, before.Users);

        using HttpResponseMessage post = await world.PutAsync(world.User);
        await post.ProblemAsync(403, "platform_suspended");
        using HttpResponseMessage delete = await world.DeleteAsync(id);
        await delete.ProblemAsync(403, "platform_suspended");
        using HttpResponseMessage invalid = await world.SendAsync(HttpMethod.Delete, World.Assignment);
        await invalid.InvalidAsync("license_id", "assignment_id");
        Assert.Equal(HttpStatusCode.OK, await world.CheckAsync(world.User.Email!.Text));
    }

    private static async Task SetAsync(World world, string row, string property, object value) => await Table(world, "Assignments").UpdateEntityAsync(
        new TableEntity(world.Platform.Key, row) { [property] = value }, ETag.All, TableUpdateMode.Merge, World.Cancellation);

    private static TableClient Table(World world, string table) => world.Services.GetRequiredService<TableServiceClient>().GetTableClient(
        world.Services.GetRequiredService<IOptions<TablesOptions>>().Value.Prefix + table);
}

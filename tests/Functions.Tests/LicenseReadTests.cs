using Azure.Core;
using Azure.Data.Tables;
using Licensing.Licenses;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Many concurrent callers of a license that the instance has not cached.</summary>
public sealed class LicenseReadTests(ApiHost host) : IAsyncLifetime
{
    private readonly HeldRead _reads = new("license-");
    private LocalHostServer _server = null!;
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_reads, HttpPipelinePosition.PerRetry)));
        World world = await World.CreateAsync(host.Server, seats: null, users: 2);
        _world = new World(_server, world.Platform, world.Key, world.License, world.Users);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Sixty_four_cold_callers_share_one_read()
    {
        LicenseStore licenses = _server.Services.GetRequiredService<LicenseStore>();

        License?[] found = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ =>
            licenses.GetAsync(_world.Platform.Key, _world.License.Id, World.Cancellation)));

        Assert.All(found, license => Assert.Equal(_world.License.Id, license?.Id));
        Assert.Equal(1, _reads.Count);
    }

    [Fact]
    public async Task A_license_added_during_a_read_is_found_by_requests_that_arrive_afterwards()
    {
        Task held = _reads.HoldNext(beforeItIsRead: false, out Action release);
        System.Text.Json.Nodes.JsonObject body = _world.Body(_world.User, new { license_id = 77 });
        Task<HttpResponseMessage> early = _world.PutAsync(77, body);
        await held;
        World elsewhere = new(host.Server, _world.Platform, _world.Key, _world.License, _world.Users);
        await elsewhere.AddLicenseAsync(seats: 1, id: 77);
        LicenseStore licenses = _server.Services.GetRequiredService<LicenseStore>();

        Task<License?> late = licenses.GetAsync(_world.Platform.Key, 77, World.Cancellation);
        release();

        Assert.NotNull(await late);
        using HttpResponseMessage answered = await early;
        await answered.ProblemAsync(404, "license_not_found");
    }
}

using System.Net;
using Azure.Core;
using Azure.Data.Tables;
using Licensing.Licenses;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>A request is refused only if no seat was free, whatever other instances do meanwhile.</summary>
public sealed class RefusalTests(ApiHost host) : IAsyncLifetime
{
    private readonly HeldRead _look = new("assignment-");
    private LocalHostServer _server = null!;
    private World _world = null!;
    private World _elsewhere = null!;
    private long _holder;

    /// <summary>One seat, taken by the first user; this instance has seen that the license is full.</summary>
    public async ValueTask InitializeAsync()
    {
        _server = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_look, HttpPipelinePosition.PerRetry)));
        _world = await World.CreateAsync(_server, seats: 1, users: 3);
        _elsewhere = new World(host.Server, _world.Platform, _world.Key, _world.License, _world.Users);
        _holder = await _world.AssignAsync(_world.Users[0]);
        using HttpResponseMessage refused = await _world.PutAsync(_world.Users[2]);
        await refused.ProblemAsync(400, "seats_exhausted");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_seat_freed_during_the_request_is_given_to_it(bool beforeItIsRead)
    {
        Task held = _look.HoldNext(beforeItIsRead, out Action release);
        Task<HttpResponseMessage> request = _world.PutAsync(_world.Users[1]);
        await held;
        using HttpResponseMessage freed = await _elsewhere.DeleteAsync(_holder);
        Assert.Equal(HttpStatusCode.OK, freed.StatusCode);
        release();

        using HttpResponseMessage response = await request;
        await response.OkAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_whose_user_gets_the_last_seat_meanwhile_is_served(bool beforeItIsRead)
    {
        Task held = _look.HoldNext(beforeItIsRead, out Action release);
        Task<HttpResponseMessage> request = _world.PutAsync(_world.Users[1]);
        await held;
        using HttpResponseMessage freed = await _elsewhere.DeleteAsync(_holder);
        long id = await _elsewhere.AssignAsync(_world.Users[1]);
        release();

        using HttpResponseMessage response = await request;
        Assert.Equal(id, (await response.OkAsync())["id"]!.GetValue<long>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_whose_user_gets_the_last_seat_from_the_same_instance_meanwhile_is_served(bool beforeItIsRead)
    {
        Task held = _look.HoldNext(beforeItIsRead, out Action release);
        Task<HttpResponseMessage> request = _world.PutAsync(_world.Users[1]);
        await held;
        using HttpResponseMessage freed = await _world.DeleteAsync(_holder);
        long id = await _world.AssignAsync(_world.Users[1]);
        release();

        using HttpResponseMessage response = await request;
        Assert.Equal(id, (await response.OkAsync())["id"]!.GetValue<long>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_seat_taken_by_another_request_meanwhile_is_refused(bool beforeItIsRead)
    {
        Task held = _look.HoldNext(beforeItIsRead, out Action release);
        Task<HttpResponseMessage> request = _world.PutAsync(_world.Users[1]);
        await held;
        using HttpResponseMessage freed = await _elsewhere.DeleteAsync(_holder);
        await _elsewhere.AssignAsync(_world.Users[2]);
        release();

        using HttpResponseMessage response = await request;
        await response.ProblemAsync(400, "seats_exhausted");
    }

    [Fact]
    public async Task A_license_renewed_during_the_request_gives_a_seat()
    {
        Task held = _look.HoldNext(beforeItIsRead: true, out Action release);
        Task<HttpResponseMessage> request = _world.PutAsync(_world.Users[1]);
        await held;
        Assert.NotNull(await host.Server.Services.GetRequiredService<LicenseStore>().UpdateAsync(
            _world.Platform.Key, _world.License.Id, license => license with { Seats = 2 }, World.Cancellation));
        release();

        using HttpResponseMessage response = await request;
        await response.OkAsync();
    }
}

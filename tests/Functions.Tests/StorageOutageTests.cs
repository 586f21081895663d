using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Functions.Tests;

/// <summary>Storage gone, slow, throttled: 503 within the deadline, nothing half done, and no help needed afterwards.</summary>
public sealed class StorageOutageTests(ApiHost host)
{
    private enum Kind
    {
        None,
        Unreachable,
        Disconnected,
        Silent,
        Throttled,
        Busy,
    }

    /// <summary>All at once, because each takes the whole deadline.</summary>
    [Fact]
    public async Task Requests_are_503_with_Retry_After_and_the_same_ones_are_served_once_storage_is_back() =>
        await Task.WhenAll(((Kind[])[Kind.Unreachable, Kind.Disconnected, Kind.Silent, Kind.Throttled, Kind.Busy]).Select(FailAndRecoverAsync));

    private async Task FailAndRecoverAsync(Kind kind)
    {
        Outage outage = new();
        await using LocalHostServer server = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(outage, HttpPipelinePosition.BeforeTransport)));
        World world = await World.CreateAsync(server, seats: 50, users: 40);
        long[] ids = await Task.WhenAll(world.Users.Select(user => world.AssignAsync(user)));
        outage.Now = kind;

        HttpResponseMessage[] responses = await Task.WhenAll(
        [
            .. world.Users.Skip(1).Select(user => world.PutAsync(user, new { active = false })),
            world.DeleteAsync(ids[0]),
            world.Client.GetAsync($"{World.Check}?email={world.Users[1].Email!.Text}", World.Cancellation),
        ]);
        foreach (HttpResponseMessage response in responses)
        {
            JsonObject problem = await response.ProblemAsync(503, "storage_unavailable");
            Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
            Assert.Equal(2, problem["retry_after"]!.GetValue<int>());
            response.Dispose();
        }

        outage.Now = Kind.None;

        using HttpResponseMessage updated = await world.PutAsync(world.Users[1], new { active = false });
        await updated.OkAsync();
        using HttpResponseMessage deleted = await world.DeleteAsync(ids[0]);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await world.CheckAsync(world.Users[1].Email!.Text));
    }

    private sealed class Outage : HttpPipelinePolicy
    {
        public Kind Now { get; set; }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            switch (Now)
            {
                case Kind.None:
                    await ProcessNextAsync(message, pipeline);
                    return;
                case Kind.Unreachable:
                    throw new IOException("The connection was refused.");
                case Kind.Disconnected:
                    throw new SocketException((int)SocketError.NotConnected);
                case Kind.Throttled:
                    throw new RequestFailedException(429, "Too many requests.");
                case Kind.Busy:
                    throw new RequestFailedException(503, "The server is busy.");
                default:
                    await new TaskCompletionSource().Task.WaitAsync(message.CancellationToken);
                    return;
            }
        }
    }
}

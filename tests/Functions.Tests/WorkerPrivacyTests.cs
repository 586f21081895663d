using Microsoft.Extensions.Logging;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>The worker sends no private data to the host's logs and prints none.</summary>
public sealed class WorkerPrivacyTests(WorkerApi api)
{
    /// <summary>The lowest log levels that settings allow, and a limit that the requests exceed.</summary>
    private static readonly (string, string)[] Settings =
    [
        ("Logging__LogLevel__Default", "Trace"),
        ("Logging__LogLevel__Microsoft.AspNetCore", "Trace"),
        ("Logging__LogLevel__Azure.Core", "Trace"),
        ("PublicCheck__RequestsPerMinute", "10"),
    ];

    /// <summary>The response of the function, or of a platform that cannot forward the request.</summary>
    private static readonly int[] BadBody = [400, 500];

    [Fact]
    public async Task No_key_address_or_body_is_sent_to_the_host_or_printed()
    {
        await api.ServerAsync();
        string prefix = api.Azurite.NewPrefix();
        await using WorkerServer server = await WorkerServer.StartAsync(api.Azurite, prefix, Settings);
        World world = await World.CreateAsync(server, users: 3);
        PrivateRequests requests = new(world);
        string quote = $"{PrivateRequests.Secret} {world.User.Email!.Text}";
        await using BrokenStorage busy = await BrokenStorage.AnsweringAsync(503, quote);
        await using BrokenStorage nonsensical = await BrokenStorage.AnsweringAsync(200, quote);

        await requests.SendEverythingAsync(server.Client, BadBody);
        await AssertNothingLeaksAsync(server, requests);
        foreach ((BrokenStorage storage, string said) in new[] { (busy, "returned 503"), (nonsensical, "returned 500") })
        {
            await using WorkerServer broken = await WorkerServer.StartAsync(api.Azurite.ConnectionString, storage.ConnectionString, prefix, Settings);
            await requests.SendEverythingAsync(broken.Client, BadBody);
            await AssertNothingLeaksAsync(broken, requests);
            Assert.Contains(broken.Host.Logs, log => log.Category == "Functions.RequestGuard" && log.Message.Contains(said, StringComparison.Ordinal));
        }
    }

    private static async Task AssertNothingLeaksAsync(WorkerServer server, PrivateRequests requests)
    {
        // A request's log records have been sent when its invocation has ended.
        await server.Host.UntilAsync(host => host.InFlight == 0, World.Cancellation);
        Assert.Contains(server.Host.Logs, log => log.Level <= LogLevel.Debug && log.InvocationId.Length > 0);
        Assert.Equal([], server.Host.Logs.Where(log => requests.LeakInto($"{log.Category} {log.Message}")));
        Assert.Equal([], server.Host.Output.Split('\n').Where(requests.LeakInto));
    }
}

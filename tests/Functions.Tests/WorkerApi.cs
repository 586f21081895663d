using TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(Functions.Tests.WorkerApi))]

namespace Functions.Tests;

/// <summary>The published worker and its storage, for all tests of this assembly; started by the first that asks.</summary>
public sealed class WorkerApi : IAsyncLifetime
{
    private readonly AzuriteFixture _azurite = new();
    private readonly Lazy<Task<WorkerServer>> _server;

    public WorkerApi() => _server = new(async () =>
    {
        await _azurite.InitializeAsync();
        return await StartAnotherAsync();
    });

    public AzuriteFixture Azurite => _azurite;

    public Task<WorkerServer> ServerAsync() => _server.Value;

    /// <summary>Another worker, on tables of its own; whoever starts it stops it. After <see cref="ServerAsync"/> only.</summary>
    public Task<WorkerServer> StartAnotherAsync(params (string Name, string Value)[] settings) =>
        WorkerServer.StartAsync(_azurite, _azurite.NewPrefix(), settings);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
            await _azurite.DisposeAsync();
        }
    }
}

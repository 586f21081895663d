using TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(Functions.Tests.WorkerApi))]

namespace Functions.Tests;

/// <summary>The published worker and its storage, shared by all tests of this assembly and started on first use.</summary>
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

    /// <summary>Another worker with its own tables; the caller disposes it. Call after <see cref="ServerAsync"/>.</summary>
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

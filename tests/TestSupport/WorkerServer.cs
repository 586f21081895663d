using FunctionsHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace TestSupport;

/// <summary>The published worker under a host of this process, on a free port, without a limit on checks.</summary>
public sealed class WorkerServer : ApiServer
{
    private readonly ServiceProvider _services;

    private WorkerServer(WorkerHost host, ServiceProvider services)
    {
        (Host, _services) = (host, services);
        Client = new HttpClient { BaseAddress = host.Address };
    }

    public WorkerHost Host { get; }

    public override HttpClient Client { get; }

    public override IServiceProvider Services => _services;

    /// <summary>Starts it on its own tables, or on those with the given prefix, and creates them.</summary>
    /// <param name="settings">App settings.</param>
    public static Task<WorkerServer> StartAsync(
        AzuriteFixture azurite, string prefix, params (string Name, string Value)[] settings) =>
        StartAsync(azurite.ConnectionString, azurite.ConnectionString, prefix, settings);

    /// <summary>The same, with another route from the worker to storage.</summary>
    /// <param name="workersConnectionString">The worker's connection string. The worker does not use storage before the first request.</param>
    public static async Task<WorkerServer> StartAsync(
        string connectionString, string workersConnectionString, string prefix, params (string Name, string Value)[] settings)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Dictionary<string, string?> environment = new()
        {
            ["Tables__ConnectionString"] = workersConnectionString,
            ["Tables__Prefix"] = prefix,
            ["PublicCheck__RequestsPerMinute"] = "0",
        };
        foreach ((string name, string value) in settings)
        {
            environment[name] = value;
        }

        ServiceProvider services = await DirectStorage.OpenAsync(connectionString, prefix);
        return new WorkerServer(await WorkerHost.StartAsync(await PublishedApp.FolderAsync(cancellationToken), port: 0, environment, cancellationToken), services);
    }

    public override async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
        await _services.DisposeAsync();
    }
}

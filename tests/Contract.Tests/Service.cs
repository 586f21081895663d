using System.Globalization;
using Azure.Data.Tables;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(Contract.Tests.LocalHostService))]
[assembly: AssemblyFixture(typeof(Contract.Tests.WorkerService))]

namespace Contract.Tests;

/// <summary>
/// The service on this test run's own Azurite, without a limit on the public check; started on first use.
/// </summary>
public abstract class Service : IAsyncLifetime
{
    private readonly Lazy<Task<ApiServer>> _server;

    protected Service()
    {
        Prefix = Azurite.NewPrefix();
        _server = new(async () =>
        {
            await Azurite.InitializeAsync();
            ApiServer server = await StartAsync(Azurite.ConnectionString, checksPerMinute: 0);
            await server.Services.GetRequiredService<Tables>().CreateIfMissingAsync(TestContext.Current.CancellationToken);
            return server;
        });
    }

    protected AzuriteFixture Azurite { get; } = new();

    protected string Prefix { get; }

    public Task<ApiServer> ServerAsync() => _server.Value;

    /// <summary>The table that holds licenses.</summary>
    public TableClient AssignmentsOf(ApiServer server) =>
        server.Services.GetRequiredService<TableServiceClient>().GetTableClient($"{Prefix}Assignments");

    /// <summary>Another instance on the same tables, with a limit. Call after <see cref="ServerAsync"/>.</summary>
    public Task<ApiServer> StartLimitedAsync(int checksPerMinute) => StartAsync(Azurite.ConnectionString, checksPerMinute);

    /// <summary>Another instance, on broken storage. Call after <see cref="ServerAsync"/>.</summary>
    public Task<ApiServer> StartOnAsync(BrokenStorage storage) => StartAsync(storage.ConnectionString, checksPerMinute: 0);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
            await Azurite.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected abstract Task<ApiServer> StartAsync(string connectionString, int checksPerMinute);
}

/// <summary>The service on LocalHost. It logs nothing, because requests and storage are broken on purpose.</summary>
public sealed class LocalHostService : Service
{
    /// <summary>An instance with a demo and its own tables. Call after <see cref="Service.ServerAsync"/>.</summary>
    public Task<LocalHostServer> StartDemoAsync(string dataFolder) =>
        LocalHostServer.StartAsync(Azurite, Azurite.NewPrefix(), ["--Demo=true", $"--Data={dataFolder}"]);

    protected override async Task<ApiServer> StartAsync(string connectionString, int checksPerMinute) => await LocalHostServer.StartAsync(
        [
            $"--Tables:ConnectionString={connectionString}",
            $"--Tables:Prefix={Prefix}",
            string.Create(CultureInfo.InvariantCulture, $"--PublicCheck:RequestsPerMinute={checksPerMinute}"),
            "--Logging:LogLevel:Default=None",
        ],
        services => services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.None)));
}

/// <summary>The service on the published worker under a host.</summary>
public sealed class WorkerService : Service
{
    protected override async Task<ApiServer> StartAsync(string connectionString, int checksPerMinute) => await WorkerServer.StartAsync(
        Azurite.ConnectionString,
        connectionString,
        Prefix,
        ("PublicCheck__RequestsPerMinute", checksPerMinute.ToString(CultureInfo.InvariantCulture)));
}

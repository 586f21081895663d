using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Contract.Tests.Service))]

namespace Contract.Tests;

/// <summary>The service as LocalHost serves it, on an Azurite of this test run's own; without a limit on the public check.</summary>
public sealed class Service : IAsyncLifetime
{
    private const string NoLimit = "--PublicCheck:RequestsPerMinute=0";

    private readonly AzuriteFixture _azurite = new();
    private string _prefix = "";

    public LocalHostServer Server { get; private set; } = null!;

    /// <summary>The table that holds licenses.</summary>
    public TableClient Assignments => Server.Services.GetRequiredService<TableServiceClient>().GetTableClient($"{_prefix}Assignments");

    public async ValueTask InitializeAsync()
    {
        await _azurite.InitializeAsync();
        _prefix = _azurite.NewPrefix();
        // Kestrel warns of connections that end in the midst of a request; here that is meant.
        Server = await LocalHostServer.StartAsync(_azurite, _prefix, [NoLimit], services => services.AddLogging(
            logging => logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.None)));
    }

    /// <summary>Another instance on the same tables.</summary>
    public Task<LocalHostServer> StartAnotherAsync(params string[] args) => LocalHostServer.StartAsync(_azurite, _prefix, args);

    /// <summary>Another instance, each of whose calls of storage ends like this.</summary>
    public Task<LocalHostServer> StartWithoutStorageAsync(Exception failure) => LocalHostServer.StartAsync(
        [$"--Tables:ConnectionString={_azurite.ConnectionString}", $"--Tables:Prefix={_prefix}", NoLimit, "--Logging:LogLevel:Default=None"],
        services => services.AddOptions<TableClientOptions>().Configure(
            options => options.AddPolicy(new Failing(failure), HttpPipelinePosition.PerCall)));

    /// <summary>An instance with a demo, on tables of its own.</summary>
    public Task<LocalHostServer> StartDemoAsync(string dataFolder) =>
        LocalHostServer.StartAsync(_azurite, _azurite.NewPrefix(), ["--Demo=true", $"--Data={dataFolder}"]);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    private sealed class Failing(Exception failure) : HttpPipelinePolicy
    {
        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw failure;

        public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw failure;
    }
}

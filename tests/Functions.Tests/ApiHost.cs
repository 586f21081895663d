using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(Functions.Tests.ApiHost))]

namespace Functions.Tests;

/// <summary>One LocalHost and one Azurite for all tests of this assembly; each test uses its own platform.</summary>
public sealed class ApiHost : IAsyncLifetime
{
    private readonly AzuriteFixture _azurite = new();
    private string _prefix = "";

    public LocalHostServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _azurite.InitializeAsync();
        _prefix = _azurite.NewPrefix();
        Server = await StartAnotherAsync();
    }

    /// <summary>A second instance on the same tables; the caller disposes it.</summary>
    public Task<LocalHostServer> StartAnotherAsync(Action<IServiceCollection>? configure = null, params string[] args) =>
        LocalHostServer.StartAsync(_azurite, _prefix, args, configure);

    /// <summary>A server on this storage whose tables do not exist; the caller disposes it.</summary>
    public Task<LocalHostServer> StartWithoutTablesAsync(Action<IServiceCollection>? configure = null) => LocalHostServer.StartAsync(
        [$"--Tables:ConnectionString={_azurite.ConnectionString}", $"--Tables:Prefix={_azurite.NewPrefix()}"], configure);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _azurite.DisposeAsync();
    }
}

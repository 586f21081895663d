using Licensing.Storage;
using LocalHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace TestSupport;

/// <summary>The real LocalHost in this process, on a free port and existing storage, without a demo or a limit on checks.</summary>
public sealed class LocalHostServer : ApiServer
{
    private readonly WebApplication _app;

    private LocalHostServer(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public override HttpClient Client { get; }

    public override IServiceProvider Services => _app.Services;

    /// <summary>Starts it on its own tables, or on those with the given prefix, and creates them.</summary>
    public static async Task<LocalHostServer> StartAsync(
        AzuriteFixture azurite, string prefix, string[]? args = null, Action<IServiceCollection>? configure = null)
    {
        LocalHostServer server = await StartAsync(
            [$"--Tables:ConnectionString={azurite.ConnectionString}", $"--Tables:Prefix={prefix}", .. args ?? []], configure);
        await server.Services.GetRequiredService<Tables>().CreateIfMissingAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Starts it with these settings, without using storage.</summary>
    public static async Task<LocalHostServer> StartAsync(string[] args, Action<IServiceCollection>? configure = null)
    {
        WebApplication app = LocalHostApplication.Create(
            ["--urls=http://127.0.0.1:0", "--Azurite=false", "--Demo=false", "--PublicCheck:RequestsPerMinute=0", $"--contentRoot={AppContext.BaseDirectory}", .. args], configure);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new LocalHostServer(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it as a signal would: requests in flight are completed first.</summary>
    public override async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

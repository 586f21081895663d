using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Testing;

namespace Contract.Tests;

/// <summary>A storage account that does not work, in one of the ways that the service tells apart.</summary>
public sealed class BrokenStorage : IAsyncDisposable
{
    private readonly WebApplication? _app;

    private BrokenStorage(string endpoint, WebApplication? app)
    {
        _app = app;
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName=broken;AccountKey=YnJva2Vu;TableEndpoint={endpoint}/broken;";
    }

    public string ConnectionString { get; }

    /// <summary>Nobody listens there.</summary>
    public static Task<BrokenStorage> UnreachableAsync() => Task.FromResult(new BrokenStorage($"http://127.0.0.1:{FreePort.Take()}", app: null));

    /// <summary>Answers each call 200 with a body that is no JSON, which no storage account does.</summary>
    public static async Task<BrokenStorage> NonsensicalAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(context => context.Response.WriteAsync("nonsense", context.RequestAborted));
        await app.StartAsync();
        return new BrokenStorage(app.Urls.Single(), app);
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}

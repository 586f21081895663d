using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TestSupport;

/// <summary>A storage account that fails in one of the ways that the service distinguishes.</summary>
public sealed class BrokenStorage : IAsyncDisposable
{
    private readonly WebApplication? _app;

    private BrokenStorage(string endpoint, WebApplication? app)
    {
        _app = app;
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName=broken;AccountKey=YnJva2Vu;TableEndpoint={endpoint}/broken;";
    }

    public string ConnectionString { get; }

    /// <summary>An address where nothing listens.</summary>
    public static Task<BrokenStorage> UnreachableAsync() => Task.FromResult(new BrokenStorage($"http://127.0.0.1:{FreePort.Take()}", app: null));

    /// <summary>Gives every call this response. No storage account returns 200 with a body that is not JSON.</summary>
    public static async Task<BrokenStorage> AnsweringAsync(int status, string body)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body, context.RequestAborted);
        });
        await app.StartAsync();
        return new BrokenStorage(app.Urls.Single(), app);
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using TestSupport;

namespace Benchmarks;

/// <summary>Serves tables in memory to other processes, on a loopback port. It can be unavailable for a while without losing data.</summary>
internal sealed class TablesServer : IAsyncDisposable
{
    private readonly HttpMessageInvoker _tables;
    private readonly int _port;
    private WebApplication _app;
    private TaskCompletionSource _serving = new();

    private TablesServer(InMemoryTables tables, int port)
    {
        (_tables, _port) = (new HttpMessageInvoker(tables, disposeHandler: false), port);
        _app = Build();
    }

    public string ConnectionString => $"AccountName=memory;AccountKey={Convert.ToBase64String([1])};TableEndpoint=http://127.0.0.1:{_port}/";

    public static async Task<TablesServer> StartAsync(InMemoryTables tables, int port)
    {
        TablesServer server = new(tables, port);
        await server._app.StartAsync();
        server._serving.SetResult();
        return server;
    }

    /// <summary>Completes once requests are served.</summary>
    public Task Serving => Volatile.Read(ref _serving).Task;

    /// <summary>Cuts all connections, refuses new ones until a condition is met, and serves again.</summary>
    public async Task RestartAsync(Func<Task> until)
    {
        Volatile.Write(ref _serving, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        await until();
        _app = Build();
        await _app.StartAsync();
        _serving.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _tables.Dispose();
    }

    private WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        WebApplication app = builder.Build();
        app.Run(ServeAsync);
        return app;
    }

    private async Task ServeAsync(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), $"http://127.0.0.1:{_port}{target}");
        if (context.Request.Headers.IfMatch is [{ } etag])
        {
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        }

        using StreamReader body = new(context.Request.Body);
        request.Content = new StringContent(await body.ReadToEndAsync(context.RequestAborted));
        // Not the caller's token: storage executes a request even if its caller has disconnected.
        using HttpResponseMessage response = await _tables.SendAsync(request, CancellationToken.None);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FunctionsHost.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Yarp.ReverseProxy.Forwarder;

namespace FunctionsHost;

/// <summary>
/// Runs a published function app as the Azure Functions host does: it starts the app as a worker process, talks gRPC to it
/// and forwards requests to its web server. Loopback only; for tests.
/// </summary>
public sealed class WorkerHost : IAsyncDisposable
{
    /// <summary>The time that a worker has to exit after SIGTERM.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly string _appFolder;
    private readonly string _routePrefix;
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private readonly ConcurrentDictionary<string, WorkerChannel> _channels = [];
    private readonly ConcurrentQueue<WorkerLog> _logs = [];
    private readonly StringBuilder _output = new();
    private readonly WebApplication _front;
    private readonly WebApplication _rpc;
    private readonly HttpMessageInvoker _toWorker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = ConnectAsync,
    });

    private Uri _grpc = null!;
    private volatile bool _stopping;
    private Task _supervision = Task.CompletedTask;
    private TaskCompletionSource<Worker> _current = NewTurn();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerHost(string appFolder, int port, IReadOnlyDictionary<string, string?> settings)
    {
        _appFolder = Path.GetFullPath(appFolder);
        _settings = settings;
        _routePrefix = RoutePrefix(Path.Combine(_appFolder, "host.json"));
        // Two servers, so that the one for clients can stop while the worker still talks to the other.
        _front = Build(
            services => services.AddHttpForwarder(),
            kestrel => kestrel.Listen(IPAddress.Loopback, port, http => http.Protocols = HttpProtocols.Http1));
        _front.MapFallback("{**path}", ForwardAsync);
        _rpc = Build(
            services => services.AddSingleton(new Rpc(this)).AddGrpc(grpc => grpc.MaxReceiveMessageSize = null),
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, grpc => grpc.Protocols = HttpProtocols.Http2));
        _rpc.MapGrpcService<Rpc>();
    }

    public Uri Address { get; private set; } = null!;

    public int WorkerProcessId => _current.Task.Result.Process.Id;

    /// <summary>The log records that workers have sent. The Functions host drops those outside invocations.</summary>
    public IReadOnlyCollection<WorkerLog> Logs => _logs;

    /// <summary>What workers have printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Invocations in flight.</summary>
    public int InFlight => _current.Task.IsCompletedSuccessfully ? _current.Task.Result.Channel.InFlight.Count : 0;

    /// <summary>Starts the host and a worker, and waits until the worker is ready.</summary>
    /// <param name="appFolder">A published app.</param>
    /// <param name="port">The port on 127.0.0.1; 0 selects a free one.</param>
    /// <param name="settings">App settings; null removes a variable of this process.</param>
    public static async Task<WorkerHost> StartAsync(
        string appFolder, int port, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        WorkerHost host = new(appFolder, port, settings);
        try
        {
            await host._rpc.StartAsync(cancellationToken);
            await host._front.StartAsync(cancellationToken);
            (host.Address, host._grpc) = (new Uri(host._front.Urls.Single()), new Uri(host._rpc.Urls.Single()));
            host._supervision = host.SuperviseAsync();
            await host._current.Task.WaitAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cancels every invocation in flight, as the host does on timeout; the clients stay connected.</summary>
    public void CancelInvocations()
    {
        WorkerChannel channel = _current.Task.Result.Channel;
        foreach (string invocation in channel.InFlight)
        {
            channel.Cancel(invocation);
        }
    }

    /// <summary>Waits for a condition, which is evaluated on every start and end of an invocation, every log record and every new worker.</summary>
    public async Task UntilAsync(Func<WorkerHost, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (condition(this))
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Kills the worker without warning, as the system may; the host starts another.</summary>
    public async Task KillWorkerAsync()
    {
        Worker worker = await _current.Task;
        worker.Process.Kill();
        await worker.Process.Ended;
    }

    /// <summary>
    /// Sends SIGTERM to the worker while requests are still forwarded to it, kills it after five seconds and waits for the
    /// next worker. Returns the exit code, or null if it had to be killed.
    /// </summary>
    public async Task<int?> TerminateWorkerAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<Worker> turn = _current;
        int? exitCode = await TerminateAsync(await turn.Task);
        await UntilAsync(host => host._current != turn, cancellationToken);
        return exitCode;
    }

    /// <summary>Waits until a worker is ready.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken) => _current.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Stops as on SIGTERM: accepts no new requests, completes those in flight and gives the worker five seconds to exit.
    /// Returns the worker's exit code, or null if it had to be killed.
    /// </summary>
    public async Task<int?> StopAsync()
    {
        _stopping = true;
        await _front.StopAsync(CancellationToken.None);
        if (!_current.Task.IsCompletedSuccessfully)
        {
            return null;
        }

        return await TerminateAsync(_current.Task.Result);
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        if (_current.Task.IsCompletedSuccessfully)
        {
            _current.Task.Result.Process.Kill();
        }

        await _supervision;
        foreach (WebApplication server in new[] { _front, _rpc })
        {
            using CancellationTokenSource now = new(TimeSpan.Zero);
            await server.StopAsync(now.Token);
            await server.DisposeAsync();
        }

        _toWorker.Dispose();
    }

    private static async Task<int?> TerminateAsync(Worker worker)
    {
        (WorkerProcess process, WorkerChannel channel) = worker;
        channel.Terminate(Grace);
        process.Terminate();
        try
        {
            return await process.Ended.WaitAsync(Grace);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.Ended;
            return null;
        }
    }

    /// <summary>Starts a worker, and another whenever one exits.</summary>
    private async Task SuperviseAsync()
    {
        while (!_stopping)
        {
            string id = Guid.NewGuid().ToString();
            WorkerChannel channel = new(_appFolder, _routePrefix, Log, Changed);
            _channels[id] = channel;
            using WorkerProcess process = WorkerProcess.Start(_appFolder, _grpc, id, _settings, Print);
            await Task.WhenAny(channel.Ready, process.Ended);
            if (!channel.Ready.IsCompletedSuccessfully)
            {
                _current.TrySetException(new InvalidOperationException($"The worker did not start.\n{Output}", channel.Ready.Exception));
                return;
            }

            TaskCompletionSource<Worker> next = NewTurn();
            _current.TrySetResult(new Worker(process, channel));
            if (_stopping)
            {
                // The host was stopped before there was a worker to end.
                process.Kill();
            }

            await process.Ended;
            if (!_stopping)
            {
                _current = next;
                Changed();
            }

            channel.End();
            _channels.TryRemove(id, out _);
        }
    }

    private async Task ForwardAsync(HttpContext context)
    {
        Worker worker = await _current.Task.WaitAsync(context.RequestAborted);
        if (worker.Channel.Find(context.Request.Path.Value!, context.Request.Method) is not { } function)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        string invocationId = Guid.NewGuid().ToString();
        IHeaderDictionary headers = context.Request.Headers;
        headers["x-ms-invocation-id"] = invocationId;
        headers["X-Forwarded-For"] = context.Connection.RemoteIpAddress!.ToString();
        headers["X-Forwarded-Proto"] = context.Request.Scheme;
        headers["X-Forwarded-Host"] = context.Request.Host.Value;
        using Activity trace = StartTrace(headers);
        Task<InvocationResponse> invoked = worker.Channel.InvokeAsync(invocationId, function, trace.Id!, trace.TraceStateString);
        Changed();
        using (context.RequestAborted.Register(() => worker.Channel.Cancel(invocationId)))
        {
            ForwarderError error = await context.RequestServices.GetRequiredService<IHttpForwarder>()
                .SendAsync(context, worker.Channel.HttpUri.ToString(), _toWorker, ForwarderRequestConfig.Empty, HttpTransformer.Default);
            if (error != ForwarderError.None)
            {
                worker.Channel.Cancel(invocationId);
                if (!context.Response.HasStarted)
                {
                    context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                }
            }

            await Task.WhenAny(invoked, worker.Process.Ended);
        }
    }

    /// <summary>The host's own span of a request, within the client's trace if it sent one.</summary>
    private static Activity StartTrace(IHeaderDictionary headers)
    {
        Activity trace = new("HttpRequestIn");
        if (headers.TraceParent.ToString() is { Length: > 0 } parent)
        {
            trace.SetParentId(parent);
            trace.TraceStateString = headers.TraceState;
        }

        return trace.SetIdFormat(ActivityIdFormat.W3C).Start();
    }

    /// <summary>A worker loads its functions before its web server listens, so the host retries with growing delays.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        for (TimeSpan wait = TimeSpan.FromMilliseconds(50); ; wait *= 2)
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused && wait < TimeSpan.FromSeconds(2))
            {
                socket.Dispose();
                await Task.Delay(wait, cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private void Log(WorkerLog log)
    {
        _logs.Enqueue(log);
        Changed();
    }

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private static WebApplication Build(Action<IServiceCollection> services, Action<KestrelServerOptions> listen)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Grace);
        services(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            listen(kestrel);
        });
        return builder.Build();
    }

    private void Print(string line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static TaskCompletionSource<Worker> NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string RoutePrefix(string hostJson)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(hostJson));
        return json.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()!;
    }

    private sealed record Worker(WorkerProcess Process, WorkerChannel Channel);

    /// <summary>Gives each connecting worker its own channel.</summary>
    private sealed class Rpc(WorkerHost host) : FunctionRpc.FunctionRpcBase
    {
        public override async Task EventStream(
            IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
        {
            if (await requestStream.MoveNext(context.CancellationToken)
                && host._channels.TryGetValue(requestStream.Current.StartStream?.WorkerId ?? "", out WorkerChannel? channel))
            {
                await channel.TalkAsync(requestStream, responseStream, context.CancellationToken);
            }
        }
    }
}

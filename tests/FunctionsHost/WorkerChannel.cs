using System.Collections.Concurrent;
using System.Threading.Channels;
using FunctionsHost.Protocol;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RpcException = Grpc.Core.RpcException;

namespace FunctionsHost;

/// <summary>The conversation with one worker process.</summary>
internal sealed class WorkerChannel(string appFolder, string routePrefix, Action<WorkerLog> log, Action invocationEnded)
{
    private readonly Channel<StreamingMessage> _toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<InvocationResponse>> _invocations = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<HttpFunction> _functions = [];
    private int _unloaded;

    /// <summary>Completes when all functions are loaded; fails if the worker cannot load them or exits.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The address of the worker's web server.</summary>
    public Uri HttpUri { get; private set; } = null!;

    /// <summary>The ids of the invocations in flight.</summary>
    public ICollection<string> InFlight => _invocations.Keys;

    public HttpFunction? Find(string path, string method) => _functions.Find(function => function.Serves(path, method));

    /// <summary>Invokes a function. The request itself goes to the worker's web server separately.</summary>
    public Task<InvocationResponse> InvokeAsync(string invocationId, HttpFunction function, string traceParent, string? traceState)
    {
        TaskCompletionSource<InvocationResponse> ended = _invocations.GetOrAdd(invocationId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        Send(new StreamingMessage
        {
            InvocationRequest = new InvocationRequest
            {
                InvocationId = invocationId,
                FunctionId = function.Id,
                TraceContext = new RpcTraceContext { TraceParent = traceParent, TraceState = traceState ?? "" },
                InputData = { new ParameterBinding { Name = function.Trigger, Data = new TypedData { Http = new RpcHttp() } } },
            },
        });
        return ended.Task;
    }

    public void Cancel(string invocationId) =>
        Send(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = invocationId, GracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) } });

    public void Terminate(TimeSpan grace) =>
        Send(new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(grace) } });

    /// <summary>Handles the conversation after the worker's first message, which identifies it, until the worker disconnects.</summary>
    public async Task TalkAsync(IAsyncStreamReader<StreamingMessage> fromWorker, IServerStreamWriter<StreamingMessage> toWorker, CancellationToken cancellationToken)
    {
        Task sending = SendAllAsync(toWorker, cancellationToken);
        Send(new StreamingMessage
        {
            WorkerInitRequest = new WorkerInitRequest { HostVersion = "4.1037.0.0", WorkerDirectory = appFolder, FunctionAppDirectory = appFolder },
        });
        try
        {
            while (await fromWorker.MoveNext(cancellationToken))
            {
                Receive(fromWorker.Current);
            }
        }
        catch (Exception exception) when (exception is IOException or RpcException or OperationCanceledException)
        {
            // The worker was killed.
        }
        finally
        {
            End();
            await sending;
        }
    }

    /// <summary>The worker is gone, and so are its invocations in flight.</summary>
    public void End()
    {
        _toWorker.Writer.TryComplete();
        _ready.TrySetException(new InvalidOperationException("The worker ended before it served."));
        foreach (TaskCompletionSource<InvocationResponse> invocation in _invocations.Values)
        {
            invocation.TrySetResult(new InvocationResponse { Result = new StatusResult { Status = StatusResult.Types.Status.Failure } });
        }
    }

    private void Receive(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.WorkerInitResponse when Succeeded(message.WorkerInitResponse.Result):
                HttpUri = new Uri(message.WorkerInitResponse.Capabilities["HttpUri"]);
                Send(new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = appFolder } });
                break;
            case StreamingMessage.ContentOneofCase.FunctionMetadataResponse when Succeeded(message.FunctionMetadataResponse.Result):
                Load(message.FunctionMetadataResponse.FunctionMetadataResults);
                break;
            case StreamingMessage.ContentOneofCase.FunctionLoadResponse when Succeeded(message.FunctionLoadResponse.Result):
                if (--_unloaded == 0)
                {
                    _ready.TrySetResult();
                }

                break;
            case StreamingMessage.ContentOneofCase.InvocationResponse:
                if (_invocations.TryRemove(message.InvocationResponse.InvocationId, out TaskCompletionSource<InvocationResponse>? ended))
                {
                    ended.TrySetResult(message.InvocationResponse);
                    invocationEnded();
                }

                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                RpcLog record = message.RpcLog;
                log(new WorkerLog(record.InvocationId, record.Category, (LogLevel)record.Level, $"{record.Message}{record.Exception?.Message}"));
                break;
        }
    }

    private void Load(RepeatedField<RpcFunctionMetadata> all)
    {
        _unloaded = all.Count;
        _functions = [];
        foreach (RpcFunctionMetadata metadata in all)
        {
            HttpFunction function = HttpFunction.Read(metadata, routePrefix);
            _functions.Add(function);
            Send(new StreamingMessage { FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.Id, Metadata = metadata } });
        }
    }

    private bool Succeeded(StatusResult result)
    {
        if (result.Status != StatusResult.Types.Status.Success)
        {
            _ready.TrySetException(new InvalidOperationException($"The worker failed to start: {result.Exception?.Message}"));
        }

        return result.Status == StatusResult.Types.Status.Success;
    }

    private void Send(StreamingMessage message)
    {
        message.RequestId = Guid.NewGuid().ToString();
        _toWorker.Writer.TryWrite(message);
    }

    private async Task SendAllAsync(IServerStreamWriter<StreamingMessage> toWorker, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (StreamingMessage message in _toWorker.Reader.ReadAllAsync(cancellationToken))
            {
                await toWorker.WriteAsync(message, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or RpcException or OperationCanceledException or InvalidOperationException)
        {
            // The worker was killed.
        }
    }
}

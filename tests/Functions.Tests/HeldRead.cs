using Azure.Core;
using Azure.Core.Pipeline;

namespace Functions.Tests;

/// <summary>Delays the next read of a row, before or after storage handles it, and counts all such reads.</summary>
/// <param name="rowPrefix">The start of the row key.</param>
internal sealed class HeldRead(string rowPrefix) : HttpPipelinePolicy
{
    private TaskCompletionSource? _held;
    private TaskCompletionSource _released = new();
    private bool _before;
    private int _count;

    public int Count => _count;

    public Task HoldNext(bool beforeItIsRead, out Action release)
    {
        (_before, _released) = (beforeItIsRead, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        release = _released.SetResult;
        return _held.Task;
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        bool isOne = message.Request.Method == RequestMethod.Get && message.Request.Uri.Path.Contains($"RowKey='{rowPrefix}", StringComparison.Ordinal);
        TaskCompletionSource? held = isOne ? Interlocked.Exchange(ref _held, null) : null;
        Interlocked.Add(ref _count, isOne ? 1 : 0);
        if (held is not null && _before)
        {
            held.SetResult();
            await _released.Task;
        }

        await ProcessNextAsync(message, pipeline);
        if (held is not null && !_before)
        {
            held.SetResult();
            await _released.Task;
        }
    }
}

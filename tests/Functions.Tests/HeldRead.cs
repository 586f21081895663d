using Azure.Core;
using Azure.Core.Pipeline;

namespace Functions.Tests;

/// <summary>Holds the next read of a row, before storage is asked or after it has answered, and counts all such reads.</summary>
/// <param name="rowPrefix">What the row's key begins with.</param>
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

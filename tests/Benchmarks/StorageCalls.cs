using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Benchmarks;

/// <summary>
/// Adds the latency of a storage account in the same region to each storage call, and counts
/// the calls and the rows they read.
/// </summary>
internal sealed class StorageCalls(TimeSpan delay) : HttpPipelinePolicy
{
    private static readonly byte[] RowMark = Encoding.ASCII.GetBytes("\"RowKey\":");

    private long _calls;
    private long _rows;

    public (long Calls, long Rows) Seen => (Interlocked.Read(ref _calls), Interlocked.Read(ref _rows));

    /// <summary>Counting rows parses the responses, which takes time; enabled only to measure the growth of latency and calls.</summary>
    public bool CountRows { get; init; }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Interlocked.Increment(ref _calls);
        if (delay > TimeSpan.Zero)
        {
            // The simulated latency of Azure, not a wait for a condition.
            await Task.Delay(delay);
        }

        await ProcessNextAsync(message, pipeline);
        if (CountRows && message.Request.Method == RequestMethod.Get && message.Response.ContentStream is MemoryStream)
        {
            Interlocked.Add(ref _rows, Count(message.Response.Content.ToMemory().Span));
        }
    }

    private static int Count(ReadOnlySpan<byte> text) => text.Count(RowMark);
}

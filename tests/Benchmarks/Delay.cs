using Azure.Core;
using Azure.Core.Pipeline;

namespace Benchmarks;

/// <summary>Adds to each storage call what a storage account in the same region takes, and Azurite beside it does not.</summary>
internal sealed class Delay(TimeSpan delay) : HttpPipelinePolicy
{
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay);
        }

        await ProcessNextAsync(message, pipeline);
    }
}

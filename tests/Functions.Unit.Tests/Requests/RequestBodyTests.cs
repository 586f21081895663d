using System.IO.Pipelines;
using System.Text;
using Functions.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Functions.Unit.Tests.Requests;

/// <summary>How a body arrives: its size, its pieces, and what keeps it from being read.</summary>
public sealed class RequestBodyTests
{
    private const int Limit = 64 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Limit, true)]
    [InlineData(Limit + 1, false)]
    [InlineData(1_000_000, false)]
    public async Task A_body_of_64_KiB_is_accepted_and_a_larger_one_is_too_large_with_and_without_a_length(int length, bool accepted)
    {
        byte[] body = BodyOf(length);
        foreach (long? contentLength in new long?[] { null, length })
        {
            HttpRequest request = Posted.Request(new MemoryStream(body));
            request.ContentLength = contentLength;

            Posted posted = await Posted.ReadAsync(request, Cancellation);

            Assert.Same(accepted ? null : Problem.BodyTooLarge, posted.Problem);
            Assert.Equal(accepted ? 2 : null, posted.Body?.UserId);
        }
    }

    [Fact]
    public async Task A_body_whose_length_is_too_large_is_rejected_unread()
    {
        HttpRequest request = Posted.Request(new FailingStream(new InvalidOperationException("Nobody may read this.")));
        request.ContentLength = Limit + 1;

        Assert.Same(Problem.BodyTooLarge, (await Posted.ReadAsync(request, Cancellation)).Problem);
    }

    [Theory]
    [InlineData(Limit, true)]
    [InlineData(Limit + 1, false)]
    public async Task A_body_that_arrives_in_pieces_is_read_whole(int length, bool accepted)
    {
        (HttpRequest request, Pipe pipe) = Arriving();
        byte[] body = BodyOf(length);

        await pipe.Writer.WriteAsync(body.AsMemory(..^1), Cancellation);
        Task<Posted> reading = Posted.ReadAsync(request, Cancellation);
        await pipe.Writer.WriteAsync(body.AsMemory(^1..), Cancellation);
        await pipe.Writer.CompleteAsync();

        Posted posted = await reading;
        Assert.Same(accepted ? null : Problem.BodyTooLarge, posted.Problem);
        Assert.Equal(accepted ? 2 : null, posted.Body?.UserId);
    }

    [Theory]
    [InlineData("""{"license_id":1,"user_id":2}""")]
    [InlineData("{")]
    public async Task The_host_finds_the_body_consumed(string body)
    {
        (HttpRequest request, Pipe pipe) = Arriving();
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(body), Cancellation);
        await pipe.Writer.CompleteAsync();

        await Posted.ReadAsync(request, Cancellation);

        ReadResult rest = await pipe.Reader.ReadAsync(Cancellation);
        Assert.True(rest.IsCompleted);
        Assert.True(rest.Buffer.IsEmpty);
    }

    [Fact]
    public async Task A_body_that_misses_the_deadline_is_unreadable_and_the_host_can_drain_the_rest()
    {
        (HttpRequest request, Pipe pipe) = Arriving();
        using CancellationTokenSource deadline = new();
        await pipe.Writer.WriteAsync("{\"license"u8.ToArray(), Cancellation);
        Task<Posted> reading = Posted.ReadAsync(request, deadline.Token);

        await deadline.CancelAsync();

        Assert.Same(Problem.UnreadableBody, (await reading).Problem);
        await pipe.Writer.WriteAsync("_id\""u8.ToArray(), Cancellation);
        ReadResult rest = await pipe.Reader.ReadAsync(Cancellation);
        Assert.Equal("_id\"", Encoding.UTF8.GetString(rest.Buffer));
    }

    [Fact]
    public async Task A_body_that_the_host_cannot_read_is_a_client_error()
    {
        Assert.Same(Problem.BodyTooLarge, await ReadAsync(new BadHttpRequestException("The host's own limit.", StatusCodes.Status413PayloadTooLarge)));
        Assert.Same(Problem.UnreadableBody, await ReadAsync(new BadHttpRequestException("Malformed chunks.")));
        Assert.Same(Problem.UnreadableBody, await ReadAsync(new IOException("The client has gone.")));
        Assert.Same(Problem.UnreadableBody, await ReadAsync(new OperationCanceledException("The connection was aborted.")));

        static async Task<Problem?> ReadAsync(Exception failure) =>
            (await Posted.ReadAsync(Posted.Request(new FailingStream(failure)), Cancellation)).Problem;
    }

    [Fact]
    public async Task Any_other_failure_while_reading_is_not_a_client_error()
    {
        HttpRequest request = Posted.Request(new FailingStream(new InvalidOperationException("A defect.")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Posted.ReadAsync(request, Cancellation));
    }

    /// <summary>A valid body of this many bytes.</summary>
    private static byte[] BodyOf(int length)
    {
        const string Start = """{"license_id":1,"user_id":2,"unknown":" """;
        return Encoding.UTF8.GetBytes($"{Start.PadRight(length - 2, 'x')}\"}}");
    }

    /// <summary>A request whose body is what the test writes to the pipe.</summary>
    private static (HttpRequest Request, Pipe Pipe) Arriving()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        HttpRequest request = Posted.Request(Stream.Null);
        request.HttpContext.Features.Set<IRequestBodyPipeFeature>(new PipeFeature(pipe.Reader));
        return (request, pipe);
    }

    private sealed record PipeFeature(PipeReader Reader) : IRequestBodyPipeFeature;

    private sealed class FailingStream(Exception failure) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(failure);
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Faults.Tests;

/// <summary>What can go wrong between the service and its storage.</summary>
public enum Fault
{
    None,
    RefusedBeforeSending,
    ReplyDropped,
    ReplyTooLate,
    ArrivedTooLate,
    ThrottledWithRetryAfter,
    Throttled,
    BusyWithRetryAfter,
    Busy,
    FailedBeforeDoing,
    FailedAfterDoing,
    ResetInTheMiddle,
}

/// <summary>
/// A proxy between the service's processes and Azurite that makes a random share of the calls fail. The service
/// runs unmodified.
/// </summary>
internal sealed partial class FaultyStorage : IAsyncDisposable
{
    /// <summary>Longer than the service waits for a call.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(20);

    /// <summary>The weight of each fault. Faults that delay a call for seconds are rare, so that others happen too.</summary>
    private static readonly (Fault Fault, int Count)[] Deck =
    [
        (Fault.RefusedBeforeSending, 8),
        (Fault.ReplyDropped, 12),
        (Fault.ReplyTooLate, 1),
        (Fault.ArrivedTooLate, 1),
        (Fault.ThrottledWithRetryAfter, 1),
        (Fault.Throttled, 4),
        (Fault.BusyWithRetryAfter, 1),
        (Fault.Busy, 4),
        (Fault.FailedBeforeDoing, 6),
        (Fault.FailedAfterDoing, 6),
        (Fault.ResetInTheMiddle, 6),
    ];

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _azurite = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
    private readonly Uri _target;
    private readonly Random _random;
    private readonly ConcurrentDictionary<Fault, int> _counts = new();
    private Stack<Fault> _deck = new();
    private readonly TaskCompletionSource _together = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;
    private int _held;

    private FaultyStorage(WebApplication app, Uri target, int seed)
    {
        (_app, _target, _random) = (app, target, new Random(seed));
        app.Run(ServeAsync);
    }

    /// <summary>The share of calls that fail, from 0 to 1.</summary>
    public double Rate { get; set; }

    /// <summary>Whether transactions are carried out regardless of ETags, which the tests must detect.</summary>
    public bool IgnoresIfMatch { get; set; }

    /// <summary>Holds transactions until this many are in flight, so that each process decides before another writes.</summary>
    public int Together { get; set; }

    public IReadOnlyDictionary<Fault, int> Counts => _counts;

    /// <summary>Calls in flight.</summary>
    public int Inside => Volatile.Read(ref _inside);

    public string ConnectionString { get; private set; } = "";

    public static async Task<FaultyStorage> StartAsync(string azurite, int seed)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Uri target = new(azurite.Split(';').Single(part => part.StartsWith("TableEndpoint=", StringComparison.Ordinal))["TableEndpoint=".Length..]);
        FaultyStorage storage = new(builder.Build(), target, seed);
        await storage._app.StartAsync();
        string address = storage._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        storage.ConnectionString = azurite.Replace(target.GetLeftPart(UriPartial.Authority), address, StringComparison.Ordinal);
        return storage;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _azurite.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        Interlocked.Increment(ref _inside);
        try
        {
            Fault fault = Draw();
            _counts.AddOrUpdate(fault, 1, (_, count) => count + 1);
            await ServeAsync(context, fault);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException or SocketException or BadHttpRequestException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    private async Task ServeAsync(HttpContext context, Fault fault)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        switch (fault)
        {
            case Fault.RefusedBeforeSending:
                context.Abort();
                return;
            case Fault.ThrottledWithRetryAfter or Fault.Throttled or Fault.BusyWithRetryAfter or Fault.Busy or Fault.FailedBeforeDoing:
                Refuse(context, fault);
                return;
            case Fault.ArrivedTooLate:
                await UntilGivenUpAsync(context);
                break;
        }

        if (context.Request.Path.Value!.EndsWith("/$batch", StringComparison.Ordinal))
        {
            await MeetAsync(context.RequestAborted);
        }

        using HttpResponseMessage response = await ForwardAsync(context, IgnoresIfMatch ? WithoutETags(body.ToArray()) : body.ToArray());
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        switch (fault)
        {
            case Fault.ReplyDropped or Fault.ArrivedTooLate:
                context.Abort();
                return;
            case Fault.ReplyTooLate:
                await UntilGivenUpAsync(context);
                context.Abort();
                return;
            case Fault.FailedAfterDoing:
                Refuse(context, fault);
                return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection" or "Keep-Alive"))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        if (response.StatusCode != HttpStatusCode.NoContent)
        {
            context.Response.ContentLength = answer.Length;
        }

        if (fault == Fault.ResetInTheMiddle)
        {
            await context.Response.Body.WriteAsync(answer.AsMemory(0, answer.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(answer);
    }

    private async Task MeetAsync(CancellationToken gone)
    {
        if (Interlocked.Increment(ref _held) >= Together)
        {
            _together.TrySetResult();
        }

        try
        {
            await _together.Task.WaitAsync(gone);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    private Fault Draw()
    {
        lock (_random)
        {
            if (_random.NextDouble() >= Rate)
            {
                return Fault.None;
            }

            if (_deck.Count == 0)
            {
                Fault[] cards = [.. Deck.SelectMany(each => Enumerable.Repeat(each.Fault, each.Count))];
                _random.Shuffle(cards);
                _deck = new Stack<Fault>(cards);
            }

            return _deck.Pop();
        }
    }

    private static void Refuse(HttpContext context, Fault fault)
    {
        context.Response.StatusCode = fault switch
        {
            Fault.ThrottledWithRetryAfter or Fault.Throttled => 429,
            Fault.BusyWithRetryAfter or Fault.Busy => 503,
            _ => 500,
        };
        if (fault is Fault.ThrottledWithRetryAfter or Fault.BusyWithRetryAfter)
        {
            context.Response.Headers.RetryAfter = "1";
        }
    }

    private static async Task UntilGivenUpAsync(HttpContext context)
    {
        TaskCompletionSource gone = new();
        await using CancellationTokenRegistration registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task.WaitAsync(LongestHold);
    }

    private static byte[] WithoutETags(byte[] transaction) =>
        Encoding.Latin1.GetBytes(IfMatch().Replace(Encoding.Latin1.GetString(transaction), "If-Match: *"));

    [GeneratedRegex(@"(?<=\n)If-Match: [^\r]*", RegexOptions.IgnoreCase)]
    private static partial Regex IfMatch();

    private async Task<HttpResponseMessage> ForwardAsync(HttpContext context, byte[] body)
    {
        HttpRequest request = context.Request;
        Uri uri = new(_target, request.Path.ToUriComponent() + request.QueryString.ToUriComponent());
        using HttpRequestMessage forward = new(new HttpMethod(request.Method), uri);
        if (body.Length > 0 || request.ContentLength is not null)
        {
            forward.Content = new ByteArrayContent(body);
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Headers)
        {
            if (name is "Host" or "Content-Length" or "Transfer-Encoding" or "Connection")
            {
                continue;
            }

            if (!forward.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                forward.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        // Not the caller's token: storage executes a request even if its caller has disconnected.
        return await _azurite.SendAsync(forward, CancellationToken.None);
    }
}

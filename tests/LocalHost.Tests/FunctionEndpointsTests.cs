using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LocalHost.Tests;

public sealed class FunctionEndpointsTests : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();

    public FunctionEndpointsTests()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Services.AddScoped<Scope>().AddSingleton<Signals>();
        _app = builder.Build();
        _app.MapFunctions<SampleFunctions>("api");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync(Cancellation);
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task HEAD_is_served_only_for_functions_that_list_it()
    {
        using HttpRequestMessage request = new(HttpMethod.Head, "/api/listed");
        using HttpResponseMessage response = await _client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Every_call_gets_its_own_instance_and_scope()
    {
        string first = await _client.GetStringAsync("/api/listed", Cancellation);
        string second = await _client.GetStringAsync("/api/listed", Cancellation);

        Assert.Equal(("1 1 call", "2 2 call"), (first, second));
        Assert.Equal(2, await _app.Services.GetRequiredService<Signals>().DisposedAsync(2));
    }

    [Fact]
    public async Task A_function_is_canceled_when_its_caller_disconnects()
    {
        Signals signals = _app.Services.GetRequiredService<Signals>();
        using CancellationTokenSource caller = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task call = _client.GetAsync("/api/endless", caller.Token);
        await signals.Started.Task.WaitAsync(Cancellation);

        await caller.CancelAsync();

        await signals.Canceled.Task.WaitAsync(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    internal sealed class SampleFunctions(Scope scope, Signals signals)
    {
        private readonly int _instance = Interlocked.Increment(ref signals.Instances);
        private int _calls;

        [Function("listed")]
        public Task<IResult> ListedAsync(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "listed")] HttpRequest request,
            CancellationToken cancellationToken) =>
            Task.FromResult(Results.Text($"{_instance} {scope.Number} {(++_calls == 1 ? "call" : "calls")}"));

        [Function("endless")]
        public async Task<IResult> EndlessAsync(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "endless")] HttpRequest request,
            CancellationToken cancellationToken)
        {
            using CancellationTokenRegistration _ = cancellationToken.Register(() => signals.Canceled.TrySetResult());
            signals.Started.SetResult();
            await signals.Canceled.Task;
            return Results.Ok();
        }
    }

    internal sealed class Scope(Signals signals) : IDisposable
    {
        public int Number { get; } = Interlocked.Increment(ref signals.Scopes);

        public void Dispose() => signals.Disposed.Release();
    }

    internal sealed class Signals
    {
        public int Instances;
        public int Scopes;

        public SemaphoreSlim Disposed { get; } = new(0);

        public TaskCompletionSource Started { get; } = new();

        public TaskCompletionSource Canceled { get; } = new();

        public async Task<int> DisposedAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await Disposed.WaitAsync(Cancellation);
            }

            return count;
        }
    }
}

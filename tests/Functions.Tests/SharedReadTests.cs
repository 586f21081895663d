using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TestSupport;
using Xunit;

namespace Functions.Tests;

/// <summary>Concurrent requests for the same row share a read, but never a "not found" from before they arrived.</summary>
public sealed class SharedReadTests(ApiHost host) : IAsyncLifetime
{
    private readonly HoldFirstReply _reads = new();
    private LocalHostServer _server = null!;
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(_reads, HttpPipelinePosition.PerRetry)));
        _world = await World.CreateAsync(host.Server, users: 0);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_user_added_during_a_read_by_id_is_found_by_requests_that_arrive_afterwards()
    {
        UserStore users = _server.Services.GetRequiredService<UserStore>();

        await AssertOnlyLaterRequestFindsAsync(
            "Assignments",
            () => users.GetAsync(_world.Platform.Key, 5, World.Cancellation),
            () => _world.AddUserAsync("ada", email: null, id: 5));
    }

    [Fact]
    public async Task A_user_added_during_a_read_by_address_is_found_by_requests_that_arrive_afterwards()
    {
        UserStore users = _server.Services.GetRequiredService<UserStore>();
        Assert.True(EmailAddress.TryParse($"ada@{_world.Platform.Key}.example.com", out EmailAddress? address));

        await AssertOnlyLaterRequestFindsAsync(
            "Directory",
            () => users.GetAsync(_world.Platform.Key, address, World.Cancellation),
            () => _world.AddUserAsync("ada", address.Text));
    }

    [Fact]
    public async Task A_platform_added_during_a_read_is_found_by_requests_that_arrive_afterwards()
    {
        string key = $"{_world.Platform.Key}-another";

        await AssertOnlyLaterRequestFindsAsync(
            "Platforms",
            () => _server.Services.GetRequiredService<PlatformStore>().GetAsync(key, World.Cancellation),
            () => _world.Services.GetRequiredService<PlatformStore>().TryCreateAsync(new Platform(key, Org: null, Suspended: false), World.Cancellation));
    }

    [Fact]
    public async Task A_key_added_during_a_read_works_for_requests_that_arrive_afterwards()
    {
        (ApiKey key, ApiKeySecret secret) = await _world.Services.GetRequiredService<ApiKeyStore>()
            .CreateAsync(_world.Platform, name: null, expires: null, World.Cancellation);
        TableClient table = _world.Services.GetRequiredService<TableServiceClient>()
            .GetTableClient(_world.Services.GetRequiredService<IOptions<TablesOptions>>().Value.Prefix + "ApiKeys");
        TableEntity row = await table.GetEntityAsync<TableEntity>(key.Id, "key", cancellationToken: World.Cancellation);
        await table.DeleteEntityAsync(row, cancellationToken: World.Cancellation);

        await AssertOnlyLaterRequestFindsAsync(
            "ApiKeys",
            () => _server.Services.GetRequiredService<ApiKeyStore>().AuthenticateAsync(secret, World.Cancellation),
            () => table.AddEntityAsync(row, World.Cancellation));
    }

    /// <summary>Of two requests, one before and one after a row is added, only the second finds it.</summary>
    private async Task AssertOnlyLaterRequestFindsAsync<T>(string table, Func<Task<T?>> ask, Func<Task> add)
        where T : class
    {
        _reads.Hold(table);
        Task<T?> before = ask();
        await _reads.Held;
        await add();

        Task<T?> after = ask();
        _reads.Release();

        Assert.Null(await before);
        Assert.NotNull(await after);
    }

    /// <summary>Holds the reply to the first read of a table.</summary>
    private sealed class HoldFirstReply : HttpPipelinePolicy
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private string? _table;

        public Task Held => _held.Task;

        public void Hold(string table) => _table = table;

        public void Release() => _released.SetResult();

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            if (_table is { } table && message.Request.Method == RequestMethod.Get
                && message.Request.Uri.Path.Contains(table, StringComparison.Ordinal) && _held.TrySetResult())
            {
                await _released.Task;
            }
        }
    }
}

using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using TestSupport;
using Xunit;

namespace Functions.Tests;

public sealed class UserTests(ApiHost host)
{
    [Theory]
    [InlineData(null)]
    [InlineData(7L)]
    public async Task One_of_two_concurrent_adds_of_an_address_fails_and_the_other_stays_in_the_directory(long? id)
    {
        HoldUserRow hold = new();
        await using LocalHostServer slow = await host.StartAnotherAsync(services =>
            services.AddOptions<TableClientOptions>().Configure(options => options.AddPolicy(hold, HttpPipelinePosition.PerRetry)));
        World world = await World.CreateAsync(host.Server, users: 0);
        Assert.True(EmailAddress.TryParse($"ann@{world.Platform.Key}.example.com", out EmailAddress? address));

        hold.IsOn = true;
        Task<AddUserOutcome> late = slow.Services.GetRequiredService<UserStore>().AddAsync(world.Platform.Key, id, "ann", address, World.Cancellation);
        await hold.Held;
        User ann = await world.AddUserAsync("anna", address.Text, id);
        hold.Release();

        Assert.IsNotType<AddUserOutcome.Added>(await late);
        Assert.Equal(ann, await world.Services.GetRequiredService<UserStore>().FindAsync(world.Platform.Key, address, World.Cancellation));
    }

    /// <summary>Holds the row that is added to table Assignments when it is on; the directory has that user by then.</summary>
    private sealed class HoldUserRow : HttpPipelinePolicy
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _directory;

        public bool IsOn { get; set; }

        public Task Held => _held.Task;

        public void Release() => _released.SetResult();

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (IsOn && message.Request.Method == RequestMethod.Post)
            {
                bool directory = message.Request.Uri.Path.Contains("Directory", StringComparison.Ordinal);
                if (_directory && !directory)
                {
                    _held.TrySetResult();
                    await _released.Task;
                }

                _directory |= directory;
            }

            await ProcessNextAsync(message, pipeline);
        }
    }
}

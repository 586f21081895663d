using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class BoundedCacheTests
{
    [Fact]
    public async Task No_more_than_the_capacity_is_cached()
    {
        using BoundedCache<int, string> cache = new(10, TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeProvider.System);
        int reads = 0;
        Task<string?> ReadAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref reads);
            return Task.FromResult<string?>(null);
        }

        for (int round = 0; round < 2; round++)
        {
            for (int key = 0; key < 1_000; key++)
            {
                await cache.GetAsync(key, ReadAsync, TestContext.Current.CancellationToken);
            }
        }

        Assert.InRange(reads, 2_000 - 10, 2_000);
    }
}

using Licensing.Storage;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class BoundedCacheTests
{
    [Fact]
    public async Task No_more_than_the_capacity_is_cached()
    {
        BoundedCache<int, string> cache = new(10, TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeProvider.System);
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
                await cache.GetAsync(key, 0, (_, stop) => ReadAsync(stop), TestContext.Current.CancellationToken);
            }
        }

        Assert.InRange(reads, 2_000 - 10, 2_000);
    }

    [Fact]
    public async Task A_hit_allocates_nothing()
    {
        BoundedCache<(string Platform, long Id), string> cache = new(10, TimeSpan.FromHours(1), TimeSpan.Zero, TimeProvider.System);
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Task<string?> GetAsync() => cache.GetAsync(("acme", 1), "found", static (state, _) => Task.FromResult<string?>(state), cancellationToken);
        Assert.Equal("found", await GetAsync());
        Assert.True(GetAsync().IsCompletedSuccessfully);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            _ = GetAsync();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_least_recently_used_entry_is_evicted()
    {
        LruCache<int, string> cache = new(capacity: 3);
        cache.Set(1, "one");
        cache.Set(2, "two");
        cache.Set(3, "three");
        Assert.Equal("one", cache.Find(1));

        cache.Set(4, "four");

        Assert.Equal(["one", null, "three", "four"], [cache.Find(1), cache.Find(2), cache.Find(3), cache.Find(4)]);
    }

    [Fact]
    public void Replacing_or_removing_a_value_updates_the_total_size()
    {
        LruCache<int, string> cache = new(capacity: 10);
        cache.Set(1, "small", size: 4);
        cache.Set(2, "small", size: 4);
        cache.Set(2, "larger", size: 7);
        Assert.Equal([null, "larger"], [cache.Find(1), cache.Find(2)]);

        cache.Remove(2);
        cache.Set(3, "as large as fits", size: 10);
        Assert.Equal("as large as fits", cache.Find(3));
        cache.Set(4, "too large", size: 11);
        Assert.Null(cache.Find(4));
    }
}

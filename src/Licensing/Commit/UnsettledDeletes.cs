using System.Collections.Immutable;
using Microsoft.Extensions.Caching.Memory;

namespace Licensing.Commit;

/// <summary>
/// Deletions whose callers left, or were told 503, before it was known whether they happened. When a client sends one
/// again and the assignment is gone, this tells whose deletion that may have been.
/// </summary>
internal sealed class UnsettledDeletes : IDisposable
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = Capacity });

    public void Add(string platform, long assignmentId, Guid writeId)
    {
        lock (_cache)
        {
            _cache.Set(
                (platform, assignmentId),
                Find(platform, assignmentId).Add(writeId),
                new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });
        }
    }

    /// <summary>The write ids of all of them; each may be the one that happened.</summary>
    public ImmutableList<Guid> Find(string platform, long assignmentId) =>
        _cache.Get<ImmutableList<Guid>>((platform, assignmentId)) ?? [];

    public void Remove(string platform, long assignmentId) => _cache.Remove((platform, assignmentId));

    public void Dispose() => _cache.Dispose();
}

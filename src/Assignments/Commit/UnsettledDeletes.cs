using Microsoft.Extensions.Caching.Memory;

namespace Assignments.Commit;

/// <summary>
/// Deletions that were answered 503 because storage did not say whether they happened. When the client sends one
/// again and the assignment is gone, this tells whose deletion that may have been.
/// </summary>
internal sealed class UnsettledDeletes : IDisposable
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = Capacity });

    public void Add(string platform, long assignmentId, Guid writeId) => _cache.Set(
        (platform, assignmentId), writeId, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });

    public Guid? Find(string platform, long assignmentId) =>
        _cache.TryGetValue((platform, assignmentId), out Guid writeId) ? writeId : null;

    public void Remove(string platform, long assignmentId) => _cache.Remove((platform, assignmentId));

    public void Dispose() => _cache.Dispose();
}

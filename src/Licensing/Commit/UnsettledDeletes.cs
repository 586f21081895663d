using System.Collections.Immutable;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// Deletions whose callers left, or were told 503, before it was known whether they happened. When a client sends one
/// again and the assignment is gone, this tells whose deletion that may have been.
/// </summary>
internal sealed class UnsettledDeletes(TimeProvider time)
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _adding = new();
    private readonly LruCache<(string Platform, long AssignmentId), Entry> _cache = new(Capacity);

    public void Add(string platform, long assignmentId, Guid writeId)
    {
        lock (_adding)
        {
            _cache.Set((platform, assignmentId), new Entry(Find(platform, assignmentId).Add(writeId), time.GetTimestamp()));
        }
    }

    /// <summary>The write ids of all of them; each may be the one that happened.</summary>
    public ImmutableList<Guid> Find(string platform, long assignmentId) =>
        _cache.Find((platform, assignmentId)) is { } entry && time.GetElapsedTime(entry.Added) < Lifetime ? entry.WriteIds : [];

    public void Remove(string platform, long assignmentId) => _cache.Remove((platform, assignmentId));

    /// <param name="WriteIds">Of the requests that were given up on.</param>
    /// <param name="Added">Timestamp of <see cref="TimeProvider"/> of the last one.</param>
    private sealed record Entry(ImmutableList<Guid> WriteIds, long Added);
}

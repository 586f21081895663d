using Licensing.Assignments;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// A cache of assignments that this instance has read or written. It may be stale: a decision based on it is either
/// written under a guard that fails then, or confirmed by a read first.
/// </summary>
internal sealed class KnownAssignments
{
    /// <summary>In bytes, estimated.</summary>
    private const long Capacity = 32 * 1024 * 1024;

    private const int BytesEach = 600;

    private readonly LruCache<(string Platform, long UserId, long LicenseId), Assignment> _cache = new(Capacity);

    public Assignment? Get(string platform, long userId, long licenseId) =>
        _cache.Find((platform, userId, licenseId));

    public void Set(Assignment assignment)
    {
        lock (_cache)
        {
            _cache.Set(
                (assignment.Platform, assignment.UserId, assignment.LicenseId),
                assignment,
                BytesEach + (sizeof(char) * assignment.State.Metadata.Length));
        }
    }

    public void Remove(string platform, long userId, long licenseId) => _cache.Remove((platform, userId, licenseId));

    /// <summary>
    /// Removes the value that was cached before a read that found no assignment. A value cached since is kept, because
    /// the read may be older.
    /// </summary>
    public void Refute(string platform, long userId, long licenseId, Assignment? known)
    {
        lock (_cache)
        {
            if (ReferenceEquals(Get(platform, userId, licenseId), known))
            {
                Remove(platform, userId, licenseId);
            }
        }
    }
}

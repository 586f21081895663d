using System.Collections.Immutable;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// Recognizes repeated deletes: the Functions host may deliver a request twice, and clients repeat a request after a 503.
/// </summary>
internal sealed class RepeatedDeletes(TimeProvider time)
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _adding = new();
    private readonly LruCache<(string Platform, long AssignmentId), Attempts> _givenUp = new(Capacity);

    /// <summary>Remembers a delete whose caller left, or got a 503, before the result was known.</summary>
    public void GiveUp(DeleteAssignment delete)
    {
        lock (_adding)
        {
            _givenUp.Set(KeyOf(delete), new Attempts(GivenUp(delete).Add(delete.WriteId), time.GetTimestamp()));
        }
    }

    /// <summary>
    /// Returns whether the assignment was deleted by this request or by one that was given up. If so, forgets the ones that
    /// were given up.
    /// </summary>
    /// <param name="delete">The request.</param>
    /// <param name="deletedBy">The write id of the request that deleted the assignment, or null if unknown.</param>
    public bool TrySettle(DeleteAssignment delete, Guid? deletedBy)
    {
        if (deletedBy is not { } writeId || (writeId != delete.WriteId && !GivenUp(delete).Contains(writeId)))
        {
            return false;
        }

        _givenUp.Remove(KeyOf(delete));
        return true;
    }

    private static (string Platform, long AssignmentId) KeyOf(DeleteAssignment delete) => (delete.Platform, delete.AssignmentId);

    private ImmutableList<Guid> GivenUp(DeleteAssignment delete) =>
        _givenUp.Find(KeyOf(delete)) is { } entry && time.GetElapsedTime(entry.Added) < Lifetime ? entry.WriteIds : [];

    /// <param name="WriteIds">The requests that were given up; any of them may have deleted the assignment.</param>
    /// <param name="Added">When the last one was added; a timestamp of <see cref="TimeProvider"/>.</param>
    private sealed record Attempts(ImmutableList<Guid> WriteIds, long Added);
}

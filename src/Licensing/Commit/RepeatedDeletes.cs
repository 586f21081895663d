using System.Collections.Immutable;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// Recognises a delete that has happened already: the Functions host may deliver a request twice, and a client sends again
/// what was answered 503.
/// </summary>
internal sealed class RepeatedDeletes(TimeProvider time)
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _adding = new();
    private readonly LruCache<(string Platform, long AssignmentId), Entry> _givenUp = new(Capacity);

    /// <summary>Remembers a delete whose caller left, or was told 503, before it was known whether it happened.</summary>
    public void GiveUp(DeleteAssignment delete)
    {
        lock (_adding)
        {
            _givenUp.Set(KeyOf(delete), new Entry(GivenUp(delete).Add(delete.WriteId), time.GetTimestamp()));
        }
    }

    /// <summary>Whether the delete that happened was this request, or one of the same assignment that was given up; those are forgotten then.</summary>
    /// <param name="deletedBy">The write id of the delete that happened, or null if none is known.</param>
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

    /// <param name="WriteIds">Of the requests that were given up; each may be the one that happened.</param>
    /// <param name="Added">Timestamp of <see cref="TimeProvider"/> of the last one.</param>
    private sealed record Entry(ImmutableList<Guid> WriteIds, long Added);
}

using Licensing.Assignments;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>What to do for a request, given the stored state. Pure: no storage, no clock.</summary>
internal abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Write this state, as a new assignment or as the next version of the existing one.</summary>
    public sealed record Save(AssignmentState State) : Decision;

    public sealed record Remove : Decision;

    /// <summary>The stored state is already the requested one; write nothing.</summary>
    public sealed record Keep : Decision;

    public sealed record NotFound : Decision;

    public sealed record Refuse(Refusal Refusal) : Decision;

    /// <param name="current">The stored assignment of the license to the user, or null.</param>
    public static Decision For(AssignmentRequest request, License license, Assignment? current, DateTimeOffset now) => request switch
    {
        PutAssignment put => ForPut(put, license, current?.State, now),
        DeleteAssignment delete => current?.Id == delete.AssignmentId ? new Remove() : new NotFound(),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    private static Decision ForPut(PutAssignment put, License license, AssignmentState? current, DateTimeOffset now)
    {
        AssignmentState wanted = new(put.Active, put.Fulfilled, put.Metadata ?? current?.Metadata ?? "{}");
        if (wanted == current)
        {
            return new Keep();
        }

        bool takesSeat = wanted.Seats > (current?.Seats ?? 0);
        return takesSeat && license.RefusesSeat(now) is { } refusal ? new Refuse(refusal) : new Save(wanted);
    }
}

using Licensing.Assignments;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>What is to be done for a request, given what is stored. Pure: no storage, no clock.</summary>
internal abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Write this state: a new assignment, or the next version of the one there is.</summary>
    public sealed record Save(AssignmentState State) : Decision;

    /// <summary>Delete the assignment.</summary>
    public sealed record Remove : Decision;

    /// <summary>It is so already; nothing is written.</summary>
    public sealed record Keep : Decision;

    public sealed record NotFound : Decision;

    public sealed record Refuse(Refusal Refusal) : Decision;

    /// <param name="current">The user's assignment of the license as stored, or null.</param>
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

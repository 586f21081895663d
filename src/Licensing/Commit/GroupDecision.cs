using Licensing.Assignments;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>
/// Decides each waiting change against the license as the changes before it leave it: write it in the next group, reply
/// without a write, decide it later, or reject it as too late. Pure: no storage, no clock.
/// </summary>
internal sealed class GroupDecision
{
    private readonly SeatPlan _plan;
    private readonly DateTimeOffset _now;
    private readonly List<(PendingChange, WriterReply)> _replies = [];
    private readonly List<PendingChange> _later = [];
    private readonly List<PendingChange> _tooLate = [];

    /// <param name="now">The time for the license's dates and the history.</param>
    /// <param name="doneBy">When a group written now is expected to be stored; a timestamp of <see cref="TimeProvider"/>.</param>
    public GroupDecision(
        IEnumerable<PendingChange> waiting, SeatPlan plan, KnownAssignments known, DateTimeOffset now, long doneBy)
    {
        (_plan, _now) = (plan, now);
        Group = new ChangeGroup(plan, now);
        foreach (PendingChange change in waiting)
        {
            if (IsFull || Group.Holds(change.UserId))
            {
                _later.Add(change);
            }
            else if (change.Deadline <= doneBy)
            {
                _tooLate.Add(change);
            }
            else
            {
                Decide(change, Newest(change, known));
            }
        }
    }

    /// <summary>The changes to write; may be empty.</summary>
    public ChangeGroup Group { get; }

    /// <summary>Whether the group had no room for a change.</summary>
    public bool IsFull { get; private set; }

    public IReadOnlyList<(PendingChange Change, WriterReply Reply)> Replies => _replies;

    public IReadOnlyList<PendingChange> Later => _later;

    /// <summary>Changes that cannot be stored before their deadlines.</summary>
    public IReadOnlyList<PendingChange> TooLate => _tooLate;

    /// <summary>Whether a change can be decided only after the license and all its allotments are read again.</summary>
    public bool WantsAll { get; private set; }

    private void Decide(PendingChange change, Assignment? current)
    {
        switch (Decision.For(change.Request, Group.License, current, _now))
        {
            case Decision.Save when current is null && change.NewId is null:
                // The assignment was assumed to exist, so the change has no new id.
                Reply(change, new WriterReply.LookFirst());
                break;
            case Decision.Save(var wanted):
                Write(change, current, wanted);
                break;
            case Decision.Remove:
                Write(change, current, wanted: null);
                break;
            case Decision.Refuse(var refusal):
                Refuse(change, refusal);
                break;
            case Decision.NotFound when change.Look is null:
            case Decision.Keep when change.Look?.Found is null:
                // A cached assignment may have been deleted, even if it was cached after this request's read.
                Reply(change, new WriterReply.LookFirst());
                break;
            case Decision.Keep:
                Settle(change, change.OutcomeOf(current, _plan.Snapshot.Counted));
                break;
            default:
                Settle(change, new AssignmentOutcome.AssignmentNotFound());
                break;
        }
    }

    private void Write(PendingChange change, Assignment? current, AssignmentState? wanted)
    {
        if (!Group.TryAdd(change, current, wanted))
        {
            IsFull = true;
            _later.Add(change);
        }
    }

    /// <summary>
    /// A refusal is correct if at some moment the license had no seat to give and the user held none. So the assignment is
    /// read, and the license and its allotments must be unchanged by others from before that read until after it.
    /// </summary>
    private void Refuse(PendingChange change, Refusal refusal)
    {
        if (Group.MovesSeats)
        {
            // The seats of this group are not taken until it is written.
            _later.Add(change);
        }
        else if (!_plan.IsFinal)
        {
            WantAll(change);
        }
        else if (change.Look is not { } look || look.Began < _plan.Snapshot.UnchangedSince)
        {
            Reply(change, new WriterReply.LookFirst());
        }
        else if (_plan.Snapshot.AsOf < look.Ended)
        {
            WantAll(change);
        }
        else
        {
            Settle(change, new AssignmentOutcome.Refused(refusal, _plan.Snapshot.Counted));
        }
    }

    private void WantAll(PendingChange change)
    {
        WantsAll = true;
        _later.Add(change);
    }

    private void Settle(PendingChange change, AssignmentOutcome outcome) => Reply(change, new WriterReply.Settled(outcome));

    private void Reply(PendingChange change, WriterReply reply) => _replies.Add((change, reply));

    /// <summary>
    /// Returns the newest known state of the assignment: from this request's own read, or from a later one. Versions of the
    /// same id show which is newer. Ids do not, because each instance has its own block; then the own read counts.
    /// </summary>
    private static Assignment? Newest(PendingChange change, KnownAssignments known)
    {
        AssignmentRequest request = change.Request;
        Assignment? remembered = known.Get(request.Platform, change.UserId, request.LicenseId);
        Assignment? found = change.Look?.Found;
        return found is null || (remembered?.Id == found.Id && remembered.Version > found.Version) ? remembered : found;
    }
}

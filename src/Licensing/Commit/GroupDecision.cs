using Licensing.Assignments;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>
/// What becomes of the changes that wait, each decided against the license as it would stand after those before it:
/// written in the next group, answered without it, decided later, or too late. Pure: no storage, no clock.
/// </summary>
internal sealed class GroupDecision
{
    private readonly SeatPlan _plan;
    private readonly DateTimeOffset _now;
    private readonly List<(PendingChange, WriterReply)> _answers = [];
    private readonly List<PendingChange> _later = [];
    private readonly List<PendingChange> _tooLate = [];

    /// <param name="now">For the license's dates and the history.</param>
    /// <param name="doneBy">When a group written now is expected to be in storage: a timestamp, as deadlines are.</param>
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

    /// <summary>To be written, if it has members.</summary>
    public ChangeGroup Group { get; }

    /// <summary>Whether a change found no room in the group.</summary>
    public bool IsFull { get; private set; }

    public IReadOnlyList<(PendingChange Change, WriterReply Reply)> Answers => _answers;

    public IReadOnlyList<PendingChange> Later => _later;

    /// <summary>Those that cannot be in storage before their callers stop waiting.</summary>
    public IReadOnlyList<PendingChange> TooLate => _tooLate;

    /// <summary>Whether a change can only be decided when the license and all its allotments have been read again.</summary>
    public bool WantsAll { get; private set; }

    private void Decide(PendingChange change, Assignment? current)
    {
        switch (Decision.For(change.Request, Group.License, current, _now))
        {
            case Decision.Save when current is null && change.NewId is null:
                // It was thought to exist, so no id was taken for it.
                Answer(change, new WriterReply.LookFirst());
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
                // What is only remembered may be gone, even when it was remembered after this request's look.
                Answer(change, new WriterReply.LookFirst());
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
    /// A refusal is true when there was a moment in which the license gave no seat and the user held none. So the
    /// user's assignment is read, and nobody else may have changed the license or an allotment from before that until
    /// after it.
    /// </summary>
    private void Refuse(PendingChange change, Refusal refusal)
    {
        if (Group.MovesSeats)
        {
            // The seats this group takes are not taken until it is written.
            _later.Add(change);
        }
        else if (!_plan.IsFinal)
        {
            WantAll(change);
        }
        else if (change.Look is not { } look || look.Began < _plan.Snapshot.UnchangedSince)
        {
            Answer(change, new WriterReply.LookFirst());
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

    private void Settle(PendingChange change, AssignmentOutcome outcome) => Answer(change, new WriterReply.Settled(outcome));

    private void Answer(PendingChange change, WriterReply reply) => _answers.Add((change, reply));

    /// <summary>
    /// The assignment as this instance last saw it: by this request's own look, or by another's since. Versions tell
    /// which is newer; ids do not, because each instance has its own block of them: then the request's own look counts.
    /// </summary>
    private static Assignment? Newest(PendingChange change, KnownAssignments known)
    {
        AssignmentRequest request = change.Request;
        Assignment? remembered = known.Get(request.Platform, change.UserId, request.LicenseId);
        Assignment? found = change.Look?.Found;
        return found is null || (remembered?.Id == found.Id && remembered.Version > found.Version) ? remembered : found;
    }
}

using Licensing.Assignments;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>
/// What becomes of the changes that wait, each decided against the license as it would stand after those before it:
/// written in the next group, answered without it, or decided later. Pure: no storage, no clock.
/// </summary>
internal sealed class GroupDecision
{
    private readonly LicenseSnapshot _snapshot;
    private readonly License _license;
    private readonly DateTimeOffset _now;
    private readonly List<(PendingChange, ChangeResult)> _answers = [];
    private readonly List<PendingChange> _later = [];

    /// <param name="now">For the license's dates and the history.</param>
    /// <param name="doneBy">When a group written now is expected to be in storage: a timestamp, as deadlines are.</param>
    public GroupDecision(
        IEnumerable<PendingChange> waiting, LicenseSnapshot snapshot, License license, KnownAssignments known, DateTimeOffset now, long doneBy)
    {
        (_snapshot, _license, _now) = (snapshot, license, now);
        Group = new ChangeGroup(snapshot, license, now);
        foreach (PendingChange change in waiting)
        {
            if (IsFull || Group.Holds(change.UserId))
            {
                _later.Add(change);
            }
            else if (change.Deadline <= doneBy)
            {
                Answer(change, new ChangeResult.Unavailable("There is no time left to write it."));
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

    public IReadOnlyList<(PendingChange Change, ChangeResult Result)> Answers => _answers;

    public IReadOnlyList<PendingChange> Later => _later;

    /// <summary>Whether a change can only be decided when the license has been read again.</summary>
    public bool NeedsNewerLicense { get; private set; }

    private void Decide(PendingChange change, Assignment? current)
    {
        switch (Decision.For(change.Request, Group.License, current, _now))
        {
            case Decision.Save when current is null && change.NewId is null:
                // It was thought to exist, so no id was taken for it.
                Answer(change, new ChangeResult.LookFirst());
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
                Answer(change, new ChangeResult.LookFirst());
                break;
            case Decision.Keep:
                Answer(change, new ChangeResult.Done(current, _license));
                break;
            default:
                Answer(change, new ChangeResult.AssignmentNotFound());
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
    /// user's assignment is read, and nobody else may have changed the license from before that until after it.
    /// </summary>
    private void Refuse(PendingChange change, Refusal refusal)
    {
        if (Group.MovesSeats)
        {
            // The seats this group takes are not taken until it is written.
            _later.Add(change);
        }
        else if (change.Look is not { } look || look.Began < _snapshot.UnchangedSince)
        {
            Answer(change, new ChangeResult.LookFirst());
        }
        else if (_snapshot.AsOf < look.Ended)
        {
            NeedsNewerLicense = true;
            _later.Add(change);
        }
        else
        {
            Answer(change, new ChangeResult.Refused(refusal, Group.License));
        }
    }

    private void Answer(PendingChange change, ChangeResult result) => _answers.Add((change, result));

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

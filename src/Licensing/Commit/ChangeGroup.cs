using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The changes that go into one entity group transaction: the rows that count seats, by ETag, when seats move; for each
/// change the assignment, its history record, and from the second change on how it stands by its id.
/// </summary>
/// <remarks>
/// The history record guards the change and is its receipt. Its key is (assignment id, version), and it is inserted:
/// of two changes made from the same version one fails. Whether a transaction went through is seen by its record.
/// </remarks>
internal sealed class ChangeGroup(SeatPlan plan, DateTimeOffset now)
{
    /// <summary>Creates that fit: two entities each, and the license row.</summary>
    public const int MaxCreates = (TableClientWrites.MaxEntities - 1) / 2;

    /// <summary>The limit of an entity group transaction, with a margin for what the estimate leaves out.</summary>
    private const int MaxBytes = 3_500_000;

    /// <summary>An entity in its part of the request, without metadata.</summary>
    private const int BytesPerEntity = 1_500;

    /// <summary>A character of metadata may be escaped: backslash, u and four digits.</summary>
    private const int BytesPerCharacter = 6;

    private readonly HashSet<long> _users = [];
    private int _bytes = BytesPerEntity * plan.Rows;
    private int _entities = plan.Rows;
    private long _seats;

    public List<Member> Members { get; } = [];

    public SeatPlan Plan { get; } = plan;

    /// <summary>The license as the next decision sees it: once this group is in storage, with what its plan has to give.</summary>
    public License License => Plan.Snapshot.Row!.WithFree(Plan.Free - _seats);

    public bool MovesSeats { get; private set; }

    /// <summary>
    /// When the last of its callers waits no longer. One that leaves sooner does not cut the others' transaction short.
    /// </summary>
    public long Deadline { get; private set; }

    /// <summary>Whether a change of this user's assignment is in the group: an entity may stand in it once.</summary>
    public bool Holds(long userId) => _users.Contains(userId);

    /// <summary>Adds a change; false when the group has no room for it.</summary>
    public bool TryAdd(PendingChange change, Assignment? current, AssignmentState? wanted)
    {
        Member member = new(change, current, wanted is null ? null : Next(change, current, wanted));
        int bytes = (member.Entities * BytesPerEntity)
            + (BytesPerCharacter * ((current?.State.Metadata.Length ?? 0) + (member.Entities * (wanted?.Metadata.Length ?? 0))));
        if (Members.Count > 0 && (_entities + member.Entities > TableClientWrites.MaxEntities || _bytes + bytes > MaxBytes))
        {
            return false;
        }

        _entities += member.Entities;
        _bytes += bytes;
        _users.Add(change.UserId);
        Members.Add(member);
        Deadline = Math.Max(Deadline, change.Deadline);
        if (member.SeatDelta != 0)
        {
            _seats += member.SeatDelta;
            MovesSeats = true;
        }

        return true;
    }

    /// <summary>To be called when a try to write the group may have reached storage and no reply came.</summary>
    public void MarkUncertain() => Members.ForEach(member => member.Change.Uncertain = true);

    /// <summary>The rows that count seats as this group leaves them; null when it moves none.</summary>
    public SeatMove? SeatMove => MovesSeats ? Plan.Move(_seats) : null;

    /// <summary>The transaction. The rows that count seats come first; then each member's actions, in order.</summary>
    public List<TableTransactionAction> ToTransaction()
    {
        SeatMove? move = SeatMove;
        CounterVersion? counter = move is null ? null
            : Plan.Counter is null ? new CounterVersion(Allotment: null, move.Row.Version)
            : new CounterVersion(Plan.Counter.Name, move.Allotment!.Version);
        List<TableTransactionAction> actions = new(_entities);
        actions.AddRange(move?.ToActions() ?? []);
        foreach (Member member in Members)
        {
            (TableTransactionActionType type, Assignment row, ETag etag) = member switch
            {
                { Before: null, Change.Fence: { } fence } => (TableTransactionActionType.UpdateReplace, member.After!, fence),
                { Before: null } => (TableTransactionActionType.Add, member.After!, ETag.All),
                { After: null } => (TableTransactionActionType.Delete, member.Before, ETag.All),
                _ => (TableTransactionActionType.UpdateReplace, member.After, ETag.All),
            };
            actions.Add(new TableTransactionAction(type, AssignmentRows.ToEntity(row), etag));
            actions.AddRange(AssignmentRows.HistoryActions(ToChange(member, counter)));
        }

        return actions;
    }

    /// <summary>The member whose action failed, or null when it was a row that counts seats.</summary>
    public FailedMember? FailedAt(int actionIndex)
    {
        int index = MovesSeats ? actionIndex - Plan.Rows : actionIndex;
        foreach (Member member in index < 0 ? [] : Members)
        {
            if (index < member.Entities)
            {
                return new FailedMember(member, IdIsInUse: member.Before is null && index > 0);
            }

            index -= member.Entities;
        }

        return null;
    }

    private static Assignment Next(PendingChange change, Assignment? current, AssignmentState wanted) => current is null
        ? new Assignment(
            change.Request.Platform, change.NewId!.Value, change.UserId, change.Request.LicenseId, wanted, Version: 1)
        : current with { State = wanted, Version = current.Version + 1 };

    private Change ToChange(Member member, CounterVersion? counter) => Change.Of(
        member.Before,
        member.After,
        member.SeatDelta == 0 ? null : counter,
        now,
        member.Change.Request.By,
        member.Change.Request.WriteId);

    /// <param name="Before">Null when the change creates the assignment.</param>
    /// <param name="After">Null when it deletes it.</param>
    public sealed record Member(PendingChange Change, Assignment? Before, Assignment? After)
    {
        /// <summary>The assignment and its history record; not with the first record, which is both, how it stands.</summary>
        public int Entities => Before is null ? 2 : 3;

        public long AssignmentId => (After ?? Before!).Id;

        /// <summary>The version the change makes, which names its history record.</summary>
        public long Version => (Before?.Version ?? 0) + 1;

        /// <summary>Seats taken (1) or given back (-1), or 0.</summary>
        public int SeatDelta => (After?.State.Seats ?? 0) - (Before?.State.Seats ?? 0);
    }

    /// <param name="IdIsInUse">
    /// Not the user's assignment exists, but one of this id: the sequence is behind, as after a restore.
    /// </param>
    public sealed record FailedMember(Member Member, bool IdIsInUse);
}

using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The changes of one entity group transaction. If seats move, it replaces the rows that count seats by ETag. Each change
/// writes the assignment and a history record; after the first one, also the current state in the first record.
/// </summary>
/// <remarks>
/// The history record is both guard and receipt. It is inserted under (assignment id, version), so of two changes based
/// on the same version one fails. After a lost reply, the record shows whether the transaction succeeded.
/// </remarks>
internal sealed class ChangeGroup(SeatPlan plan, DateTimeOffset now)
{
    /// <summary>Creates that fit: two entities each, and the license row.</summary>
    public const int MaxCreates = (TableClientWrites.MaxEntities - 1) / 2;

    /// <summary>Below the limit of 4 MiB, because sizes are estimated.</summary>
    private const int MaxBytes = 3_500_000;

    /// <summary>Estimate for an entity in the request, without metadata.</summary>
    private const int BytesPerEntity = 1_500;

    /// <summary>A character of metadata may be escaped as <c>\u</c> and four digits.</summary>
    private const int BytesPerCharacter = 6;

    private readonly HashSet<long> _users = [];
    private int _bytes = BytesPerEntity * plan.Rows;
    private int _entities = plan.Rows;
    private long _seats;

    public List<Member> Members { get; } = [];

    public SeatPlan Plan { get; } = plan;

    /// <summary>The license for the next decision, as if this group were written, with the free seats of the plan.</summary>
    public License License => Plan.Snapshot.Row!.WithFree(Plan.Free - _seats);

    public bool MovesSeats { get; private set; }

    /// <summary>
    /// The latest deadline of the members. A caller that leaves earlier does not cancel the transaction for the others.
    /// </summary>
    public long Deadline { get; private set; }

    /// <summary>Whether the group has a change of this user's assignment: a transaction may contain an entity only once.</summary>
    public bool Holds(long userId) => _users.Contains(userId);

    /// <summary>Adds a change. Returns false if the group has no room for it.</summary>
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

    /// <summary>Call this when an attempt may have reached storage, but no reply arrived.</summary>
    public void MarkUncertain() => Members.ForEach(member => member.Change.Uncertain = true);

    /// <summary>The rows that count seats after this group, or null if it moves no seats.</summary>
    public SeatMove? SeatMove => MovesSeats ? Plan.Move(_seats) : null;

    /// <summary>Returns the actions: first the rows that count seats, then those of each member in order.</summary>
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

    /// <summary>Returns the member of the failed action, or null if it was a row that counts seats.</summary>
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

    private AssignmentChange ToChange(Member member, CounterVersion? counter) => AssignmentChange.Of(
        member.Before,
        member.After,
        member.SeatDelta == 0 ? null : counter,
        now,
        member.Change.Request.By,
        member.Change.Request.WriteId);

    /// <param name="Before">Null if the change creates the assignment.</param>
    /// <param name="After">Null if it deletes it.</param>
    public sealed record Member(PendingChange Change, Assignment? Before, Assignment? After)
    {
        /// <summary>The assignment and its history record; after the first change, also the current state in the first record.</summary>
        public int Entities => Before is null ? 2 : 3;

        public long AssignmentId => (After ?? Before!).Id;

        /// <summary>The version after the change; part of the key of its history record.</summary>
        public long Version => (Before?.Version ?? 0) + 1;

        /// <summary>Seats taken (1) or freed (-1), or 0.</summary>
        public int SeatDelta => (After?.State.Seats ?? 0) - (Before?.State.Seats ?? 0);
    }

    /// <param name="IdIsInUse">
    /// Another assignment has the new id, because the sequence is behind, for example after a restore.
    /// </param>
    public sealed record FailedMember(Member Member, bool IdIsInUse);
}

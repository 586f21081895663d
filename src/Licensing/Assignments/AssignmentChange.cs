namespace Licensing.Assignments;

/// <summary>A history record: a change of an assignment, written in the same transaction as the change.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="AssignmentId">The assignment, which may have been deleted since.</param>
/// <param name="Version">The version of the assignment after the change; (AssignmentId, Version) is the key of the record.</param>
/// <param name="UserId">The user's id.</param>
/// <param name="LicenseId">The license's id.</param>
/// <param name="Before">Null if the change created the assignment.</param>
/// <param name="After">Null if the change deleted it.</param>
/// <param name="Counter">The row that counted the seat, as the change left it, or null if no seat was taken or freed.</param>
/// <param name="At">When, by the clock of the instance that wrote it.</param>
/// <param name="By">Who made the change: an API key id, or a name that starts with <c>admin</c>.</param>
/// <param name="WriteId">Identifies the request that made the change.</param>
public sealed record AssignmentChange(
    string Platform,
    long AssignmentId,
    long Version,
    long UserId,
    long LicenseId,
    AssignmentState? Before,
    AssignmentState? After,
    CounterVersion? Counter,
    DateTimeOffset At,
    string By,
    Guid WriteId)
{
    /// <summary>The assignment after the change, or null if it was deleted.</summary>
    internal Assignment? Assignment =>
        After is null ? null : new Assignment(Platform, AssignmentId, UserId, LicenseId, After, Version);

    /// <summary>The record of a change of an assignment, from null when it creates it, to null when it deletes it.</summary>
    internal static AssignmentChange Of(
        Assignment? before, Assignment? after, CounterVersion? counter, DateTimeOffset at, string by, Guid writeId)
    {
        Assignment either = after ?? before!;
        return new AssignmentChange(
            either.Platform,
            either.Id,
            (before?.Version ?? 0) + 1,
            either.UserId,
            either.LicenseId,
            before?.State,
            after?.State,
            counter,
            at,
            by,
            writeId);
    }

    /// <summary>Whether this change directly follows <paramref name="last"/>, or is the first one if that is null.</summary>
    internal bool FollowsOn(AssignmentChange? last) =>
        Version == (last?.Version ?? 0) + 1
        && Before == last?.After
        && (last is null || (UserId, LicenseId) == (last.UserId, last.LicenseId));

    /// <summary>Whether the current state is the result of this change.</summary>
    internal bool LeavesAs(AssignmentStanding? standing) => Assignment is { } assignment
        ? standing is { DeletedBy: null } && standing.Assignment == assignment
        : standing is not null && standing.DeletedBy == WriteId && standing.Assignment.Version == Version;

    /// <summary>Seats taken (1) or freed (-1) by the change, or 0.</summary>
    public int SeatDelta => (After?.Seats ?? 0) - (Before?.Seats ?? 0);
}

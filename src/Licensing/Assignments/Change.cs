namespace Licensing.Assignments;

/// <summary>One record of the history: an assignment's change, written in the transaction that made it.</summary>
/// <param name="Platform">The platform's key.</param>
/// <param name="AssignmentId">The assignment, which may be deleted since.</param>
/// <param name="Version">The assignment's version that the change made; (AssignmentId, Version) names the record.</param>
/// <param name="UserId">Who holds or held it.</param>
/// <param name="LicenseId">What it is or was of.</param>
/// <param name="Before">Null when the change created the assignment.</param>
/// <param name="After">Null when the change deleted it.</param>
/// <param name="LicenseVersion">The license row's version after the change, or null when no seat moved.</param>
/// <param name="At">When, by the clock of the instance that wrote it.</param>
/// <param name="By">Who: an API key's id, or a name that begins with <c>admin</c>.</param>
/// <param name="WriteId">Names the request that made the change.</param>
public sealed record Change(
    string Platform,
    long AssignmentId,
    long Version,
    long UserId,
    long LicenseId,
    AssignmentState? Before,
    AssignmentState? After,
    long? LicenseVersion,
    DateTimeOffset At,
    string By,
    Guid WriteId)
{
    /// <summary>The assignment as the change left it, or null when it deleted it.</summary>
    public Assignment? Assignment =>
        After is null ? null : new Assignment(Platform, AssignmentId, UserId, LicenseId, After, Version);

    /// <summary>Whether this is the assignment's next change after the one given, or its first after none.</summary>
    internal bool FollowsOn(Change? last) =>
        Version == (last?.Version ?? 0) + 1
        && Before == last?.After
        && (last is null || (UserId, LicenseId) == (last.UserId, last.LicenseId));

    /// <summary>Whether the assignment stands as this change left it.</summary>
    internal bool LeavesAs(AssignmentStanding? standing) => Assignment is { } assignment
        ? standing is { DeletedBy: null } && standing.Assignment == assignment
        : standing is not null && standing.DeletedBy == WriteId && standing.Assignment.Version == Version;

    /// <summary>Seats taken (1) or given back (-1) by the change, or 0.</summary>
    public int SeatDelta => (After?.Seats ?? 0) - (Before?.Seats ?? 0);
}

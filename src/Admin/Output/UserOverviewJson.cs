namespace Admin.Output;

/// <summary>Everything that is stored about a person.</summary>
/// <param name="History">Changes of their assignments, including removed ones, oldest first.</param>
internal sealed record UserOverviewJson(
    long Id,
    string PlatformKey,
    string Username,
    string? Email,
    IReadOnlyList<AssignmentJson> Assignments,
    IReadOnlyList<AssignmentChangeJson> History);

using Licensing.Assignments;

namespace Admin.Output;

/// <param name="By">An API key id, or a name that starts with <c>admin</c>.</param>
/// <param name="Before">Null if the change created the assignment.</param>
/// <param name="After">Null if it deleted it.</param>
internal sealed record AssignmentChangeJson(
    DateTimeOffset At,
    string By,
    long AssignmentId,
    long Version,
    long UserId,
    long LicenseId,
    AssignmentStateJson? Before,
    AssignmentStateJson? After)
{
    public static AssignmentChangeJson Of(AssignmentChange change) => new(
        change.At,
        change.By,
        change.AssignmentId,
        change.Version,
        change.UserId,
        change.LicenseId,
        AssignmentStateJson.Of(change.Before),
        AssignmentStateJson.Of(change.After));
}

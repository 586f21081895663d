using System.Text.Json.Serialization;
using Licensing.Assignments;

namespace Admin.Output;

/// <param name="By">An API key id, or a name that starts with <c>admin</c>.</param>
/// <param name="Before">Null if the change created the assignment.</param>
/// <param name="After">Null if it deleted it.</param>
internal sealed record ChangeJson(
    DateTimeOffset At,
    string By,
    long AssignmentId,
    long Version,
    long UserId,
    long LicenseId,
    StateJson? Before,
    StateJson? After)
{
    public static ChangeJson Of(Change change) => new(
        change.At,
        change.By,
        change.AssignmentId,
        change.Version,
        change.UserId,
        change.LicenseId,
        StateJson.Of(change.Before),
        StateJson.Of(change.After));
}

internal sealed record StateJson(bool Active, bool Fulfilled, [property: JsonConverter(typeof(RawJsonConverter))] string Metadata)
{
    public static StateJson? Of(AssignmentState? state) =>
        state is null ? null : new StateJson(state.Active, state.Fulfilled, state.Metadata);

    /// <summary>Returns the text for tables.</summary>
    public override string ToString() =>
        (Active ? "active" : "inactive") + (Fulfilled ? ", fulfilled" : "") + (Metadata == "{}" ? "" : $" {Metadata}");
}

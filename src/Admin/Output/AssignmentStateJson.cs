using System.Text.Json.Serialization;
using Licensing.Assignments;

namespace Admin.Output;

internal sealed record AssignmentStateJson(bool Active, bool Fulfilled, [property: JsonConverter(typeof(RawJsonConverter))] string Metadata)
{
    public static AssignmentStateJson? Of(AssignmentState? state) =>
        state is null ? null : new AssignmentStateJson(state.Active, state.Fulfilled, state.Metadata);

    /// <summary>Returns the text for tables.</summary>
    public override string ToString() =>
        (Active ? "active" : "inactive") + (Fulfilled ? ", fulfilled" : "") + (Metadata == "{}" ? "" : $" {Metadata}");
}

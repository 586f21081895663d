using System.Text.Json;
using System.Text.Json.Serialization;
using Licensing.Assignments;
using Licensing.Licenses;

namespace Admin.Output;

/// <param name="Id">The permanent id of the event.</param>
/// <param name="Event">The kind of event, such as <c>assignment_created</c>.</param>
/// <param name="AssignmentId">Null for an event of a license.</param>
/// <param name="Before">The previous state of the assignment or terms of the license; null for a creation.</param>
/// <param name="After">The new state or terms; null for a removal.</param>
internal sealed record EventJson(
    string Id,
    DateTimeOffset At,
    string By,
    string Event,
    long LicenseId,
    long? AssignmentId,
    long? UserId,
    [property: JsonConverter(typeof(RawJsonConverter))] string? Before,
    [property: JsonConverter(typeof(RawJsonConverter))] string? After)
{
    public static EventJson Of(AssignmentChange change) => new(
        $"a{change.AssignmentId}.{change.Version}",
        change.At,
        change.By,
        "assignment_" + Verb(change.Before, change.After),
        change.LicenseId,
        change.AssignmentId,
        change.UserId,
        Text(AssignmentStateJson.Of(change.Before)),
        Text(AssignmentStateJson.Of(change.After)));

    public static EventJson Of(LicenseChange change) => new(
        $"l{change.LicenseId}.{change.Version}",
        change.At,
        change.By,
        "license_" + Verb(change.Before, change.After),
        change.LicenseId,
        AssignmentId: null,
        UserId: null,
        Text(LicenseTermsJson.Of(change.Before)),
        Text(LicenseTermsJson.Of(change.After)));

    private static string Verb(object? before, object? after) => before is null ? "created" : after is null ? "removed" : "changed";

    private static string? Text(object? state) => state is null ? null : JsonSerializer.Serialize(state, state.GetType(), AdminJson.Output);
}

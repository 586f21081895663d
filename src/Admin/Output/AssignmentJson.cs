using System.Text.Json.Serialization;
using Licensing.Assignments;
using Licensing.Users;

namespace Admin.Output;

/// <param name="Created">When it was created; null if its history is lost.</param>
/// <param name="Changed">When it was last changed.</param>
/// <param name="By">Who changed it last: an API key id, or a name that starts with <c>admin</c>.</param>
/// <param name="Username">Null if the user no longer exists.</param>
internal sealed record AssignmentJson(
    long Id,
    long UserId,
    string? Username,
    string? Email,
    long LicenseId,
    bool Active,
    bool Fulfilled,
    [property: JsonConverter(typeof(RawJsonConverter))] string Metadata,
    DateTimeOffset? Created,
    DateTimeOffset? Changed,
    string? By)
{
    public static AssignmentJson Of(Assignment assignment, User? user, AssignmentTimes? times) => new(
        assignment.Id,
        assignment.UserId,
        user?.Username,
        user?.Email?.Text,
        assignment.LicenseId,
        assignment.State.Active,
        assignment.State.Fulfilled,
        assignment.State.Metadata,
        times?.Created,
        times?.Changed,
        times?.By);
}

using System.Text.Json.Serialization;
using Licensing.Assignments;
using Licensing.Users;

namespace Admin.Output;

/// <param name="Username">Null when the user no longer exists.</param>
internal sealed record AssignmentJson(
    long Id,
    long UserId,
    string? Username,
    string? Email,
    long LicenseId,
    bool Active,
    bool Fulfilled,
    [property: JsonConverter(typeof(RawJsonConverter))] string Metadata)
{
    public static AssignmentJson Of(Assignment assignment, User? user) => new(
        assignment.Id,
        assignment.UserId,
        user?.Username,
        user?.Email?.Text,
        assignment.LicenseId,
        assignment.State.Active,
        assignment.State.Fulfilled,
        assignment.State.Metadata);
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Assignments;

namespace Admin;

/// <summary>What <c>--json</c> prints, one line; part of the command line's contract, docs/admin.md.</summary>
[JsonSerializable(typeof(PlatformJson))]
[JsonSerializable(typeof(KeyJson))]
[JsonSerializable(typeof(LicenseJson))]
[JsonSerializable(typeof(UserJson))]
[JsonSerializable(typeof(List<AssignmentJson>))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    public static AdminJson Output { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // The output is read by programs and in terminals, not by browsers: letters stay letters.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

internal sealed record PlatformJson(string PlatformKey, string? PlatformOrg, bool Suspended)
{
    public static PlatformJson Of(Platform platform) => new(platform.Key, platform.Org, platform.Suspended);
}

/// <param name="Key">The whole key, which is stored nowhere.</param>
internal sealed record KeyJson(string Key, string KeyId, string Platform, string? Org, string? Name, DateTimeOffset? Expires);

internal sealed record LicenseJson(
    long Id,
    string PlatformKey,
    string Name,
    long? Seats,
    long SeatsUsed,
    bool Active,
    DateTimeOffset? Starts,
    DateTimeOffset? Expires,
    string? RedirectTo)
{
    public static LicenseJson Of(License license) => new(
        license.Id,
        license.Platform,
        license.Name,
        license.Seats,
        license.SeatsUsed,
        license.Active,
        license.Starts,
        license.Expires,
        license.RedirectTo?.OriginalString);
}

internal sealed record UserJson(long Id, string PlatformKey, string Username, string? Email)
{
    public static UserJson Of(User user) => new(user.Id, user.Platform, user.Username, user.Email?.Text);
}

/// <param name="Username">Null when the platform has no such user any more.</param>
internal sealed record AssignmentJson(
    long Id,
    long UserId,
    string? Username,
    string? Email,
    long LicenseId,
    bool Active,
    bool Fulfilled,
    [property: JsonConverter(typeof(RawJson))] string Metadata)
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

/// <summary>Text that is JSON already, written as it is.</summary>
internal sealed class RawJson : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value);
}

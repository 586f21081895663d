using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Licensing.Verification;

namespace Admin;

/// <summary>What <c>--json</c> prints, one line; part of the command line's contract, docs/admin.md.</summary>
[JsonSerializable(typeof(PlatformJson))]
[JsonSerializable(typeof(KeyJson))]
[JsonSerializable(typeof(LicenseJson))]
[JsonSerializable(typeof(UserJson))]
[JsonSerializable(typeof(List<AssignmentJson>))]
[JsonSerializable(typeof(AssignmentJson))]
[JsonSerializable(typeof(List<PlatformJson>))]
[JsonSerializable(typeof(PlatformShowJson))]
[JsonSerializable(typeof(ListedKeyJson))]
[JsonSerializable(typeof(List<ListedKeyJson>))]
[JsonSerializable(typeof(List<LicenseJson>))]
[JsonSerializable(typeof(List<UserJson>))]
[JsonSerializable(typeof(RemovedUserJson))]
[JsonSerializable(typeof(ImportJson))]
[JsonSerializable(typeof(List<ChangeJson>))]
[JsonSerializable(typeof(List<VerificationJson>))]
[JsonSerializable(typeof(BackupJson))]
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

internal sealed record ListedKeyJson(
    string KeyId,
    string PlatformKey,
    string? Name,
    DateTimeOffset Created,
    DateTimeOffset? Expires,
    DateTimeOffset? Revoked,
    DateTimeOffset? LastUsed)
{
    public static ListedKeyJson Of(ApiKey key) =>
        new(key.Id, key.Platform, key.Name, key.Created, key.Expires, key.Revoked, key.LastUsed);
}

/// <param name="Seats">Of all licenses, which may be more than 64 bits hold; null when one of them has no limit.</param>
/// <param name="Pending">Assignments that hold no seat.</param>
/// <param name="LastChanges">Newest first.</param>
internal sealed record PlatformShowJson(
    string PlatformKey,
    string? PlatformOrg,
    bool Suspended,
    Int128? Seats,
    Int128 SeatsUsed,
    long Users,
    long Active,
    long Pending,
    IReadOnlyList<LicenseJson> Licenses,
    IReadOnlyList<ListedKeyJson> Keys,
    IReadOnlyList<ChangeJson> LastChanges);

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

/// <param name="AssignmentsRemoved">Ids of the assignments that went with it.</param>
internal sealed record RemovedUserJson(long Id, string PlatformKey, IReadOnlyList<long> AssignmentsRemoved);

/// <param name="Rows">Lines with data in the file.</param>
/// <param name="Added">With <c>--dry-run</c>, how many would be added.</param>
/// <param name="AlreadyThere">Rows that were left alone because storage has them.</param>
internal sealed record ImportJson(
    string PlatformKey,
    long? LicenseId,
    int Rows,
    int Added,
    int AlreadyThere,
    IReadOnlyList<FaultJson> Faults,
    bool DryRun,
    bool Interrupted);

/// <param name="Line">In the file, counted from 1 and with the header.</param>
internal sealed record FaultJson(int Line, string Fault);

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

/// <param name="By">An API key's id, or a name that begins with <c>admin</c>.</param>
/// <param name="Before">Null when the change created the assignment.</param>
/// <param name="After">Null when it deleted it.</param>
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

internal sealed record StateJson(bool Active, bool Fulfilled, [property: JsonConverter(typeof(RawJson))] string Metadata)
{
    public static StateJson? Of(AssignmentState? state) =>
        state is null ? null : new StateJson(state.Active, state.Fulfilled, state.Metadata);
}

/// <param name="Repairs">What was mended, a sentence each.</param>
/// <param name="Remaining">What a second verification found after the repair; null when nothing had to be repaired.</param>
internal sealed record VerificationJson(
    string PlatformKey,
    long Licenses,
    long Users,
    long Assignments,
    long ActiveAssignments,
    long Changes,
    IReadOnlyList<ViolationJson> Violations,
    IReadOnlyList<string> Repairs,
    IReadOnlyList<ViolationJson>? Remaining)
{
    public static VerificationJson Of(VerificationReport report, VerificationReport? afterwards) => new(
        report.Platform,
        report.Licenses,
        report.Users,
        report.Assignments,
        report.ActiveAssignments,
        report.Changes,
        [.. report.Violations.Select(ViolationJson.Of)],
        report.Repairs,
        afterwards is null ? null : [.. afterwards.Violations.Select(ViolationJson.Of)]);

    [JsonIgnore]
    public bool IsClean => (Remaining ?? Violations).Count == 0;
}

internal sealed record ViolationJson(string Code, string Detail, long? LicenseId, long? AssignmentId, long? UserId)
{
    public static ViolationJson Of(Violation violation) =>
        new(violation.Code, violation.Detail, violation.LicenseId, violation.AssignmentId, violation.UserId);
}

internal sealed record BackupJson(string Folder, long Rows);

/// <summary>Text that is JSON already, written as it is.</summary>
internal sealed class RawJson : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value);
}

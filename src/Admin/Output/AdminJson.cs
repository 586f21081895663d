using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Admin.Output;

/// <summary>What <c>--json</c> prints, in one line; part of the command line's contract, see docs/admin.md.</summary>
[JsonSerializable(typeof(PlatformJson))]
[JsonSerializable(typeof(NewApiKeyJson))]
[JsonSerializable(typeof(LicenseJson))]
[JsonSerializable(typeof(UserJson))]
[JsonSerializable(typeof(List<AssignmentJson>))]
[JsonSerializable(typeof(AssignmentJson))]
[JsonSerializable(typeof(List<PlatformJson>))]
[JsonSerializable(typeof(PlatformOverviewJson))]
[JsonSerializable(typeof(ApiKeyJson))]
[JsonSerializable(typeof(List<ApiKeyJson>))]
[JsonSerializable(typeof(List<LicenseJson>))]
[JsonSerializable(typeof(List<UserJson>))]
[JsonSerializable(typeof(RemovedUserJson))]
[JsonSerializable(typeof(RemovedPlatformJson))]
[JsonSerializable(typeof(RemovedLicenseJson))]
[JsonSerializable(typeof(ImportJson))]
[JsonSerializable(typeof(SyncJson))]
[JsonSerializable(typeof(List<SyncStepJson>))]
[JsonSerializable(typeof(RemovedAssignmentsJson))]
[JsonSerializable(typeof(List<LicenseChangeJson>))]
[JsonSerializable(typeof(FeedJson))]
[JsonSerializable(typeof(LicenseUsageJson))]
[JsonSerializable(typeof(UserOverviewJson))]
[JsonSerializable(typeof(List<EventJson>))]
[JsonSerializable(typeof(AssignmentStateJson))]
[JsonSerializable(typeof(LicenseTermsJson))]
[JsonSerializable(typeof(List<AssignmentChangeJson>))]
[JsonSerializable(typeof(List<VerificationJson>))]
[JsonSerializable(typeof(BackupJson))]
[JsonSerializable(typeof(BenchJson))]
[JsonSerializable(typeof(List<MeasurementJson>))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    public static AdminJson Output { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // The output is not embedded in HTML, so letters need no escapes.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

using System.Text.Json.Serialization;

namespace Functions.Responses;

/// <summary>
/// The response of a successful create or update. The redirect is the URI of the license exactly as entered, or null;
/// metadata is a JSON object as text.
/// </summary>
internal sealed record AssignmentResponse(
    long Id,
    long UserId,
    string Username,
    string? Email,
    bool Active,
    bool Fulfilled,
    string? RedirectTo,
    [property: JsonConverter(typeof(PlainJsonConverter))] string Metadata,
    long LicenseId,
    string LicenseName,
    string PlatformKey);

internal sealed record CheckResponse(bool Active);

internal sealed record ProblemDocument(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    [property: JsonPropertyName("traceId")] string TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, List<string>>? Errors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RetryAfter,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Seats,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? SeatsUsed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(PlainTextConverter)])]
[JsonSerializable(typeof(AssignmentResponse))]
[JsonSerializable(typeof(CheckResponse))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ApiJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace Functions.Responses;

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

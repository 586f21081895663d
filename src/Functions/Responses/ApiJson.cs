using System.Text.Json.Serialization;

namespace Functions.Responses;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(PlainTextConverter)])]
[JsonSerializable(typeof(AssignmentResponse))]
[JsonSerializable(typeof(CheckResponse))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ApiJson : JsonSerializerContext;

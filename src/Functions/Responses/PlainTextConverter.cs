using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Functions.Responses;

/// <summary>Writes text as a JSON string without unnecessary escapes.</summary>
internal sealed class PlainTextConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Responses are only written.");

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(Encoding.UTF8.GetBytes(PlainJson.Quote(value)), skipInputValidation: true);

    /// <summary>Writes a field name; these are plain ASCII.</summary>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);
}

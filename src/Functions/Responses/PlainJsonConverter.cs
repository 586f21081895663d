using System.Text.Json;
using System.Text.Json.Serialization;

namespace Functions.Responses;

/// <summary>Writes text that is already JSON.</summary>
internal sealed class PlainJsonConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Responses are only written.");

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(PlainJson.Unescape(value), skipInputValidation: true);
}

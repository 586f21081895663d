using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Functions.Requests;

/// <summary>The JSON object that clients store with an assignment.</summary>
internal static class Metadata
{
    /// <summary>In characters of compact JSON: a string property of a table entity holds at most 32 Ki characters.</summary>
    private const int MaxLength = 32_000;

    private const int MaxDepth = 32;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string? Read(JsonElement value, string name, ValidationErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            errors.AddBody(name, Rule.Object);
            return null;
        }

        if (IsDeeper(value, MaxDepth))
        {
            errors.AddBody(name, "must not be nested deeper than 32 levels");
            return null;
        }

        ArrayBufferWriter<byte> utf8 = new();
        using (Utf8JsonWriter writer = new(utf8, Compact))
        {
            value.WriteTo(writer);
        }

        string text = Encoding.UTF8.GetString(utf8.WrittenSpan);
        if (text.Length > MaxLength)
        {
            errors.AddBody(name, "must have at most 32,000 characters as JSON");
            return null;
        }

        return text;
    }

    private static bool IsDeeper(JsonElement value, int depth)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return false;
        }

        return depth == 0 || (value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Any(member => IsDeeper(member.Value, depth - 1))
            : value.EnumerateArray().Any(element => IsDeeper(element, depth - 1)));
    }
}

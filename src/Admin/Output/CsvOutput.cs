using System.Buffers;
using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Admin.Output;

/// <summary>Writes lists as CSV (RFC 4180), with the members of the JSON as columns and nested objects as JSON text.</summary>
internal static class CsvOutput
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",;\t\r\n");

    public static void Write(TextWriter output, IEnumerable rows, Type rowType)
    {
        JsonTypeInfo type = AdminJson.Output.GetTypeInfo(rowType)!;
        output.Write(string.Join(',', type.Properties.Where(property => property.Get is not null).Select(property => property.Name)) + '\n');
        foreach (object row in rows)
        {
            JsonElement json = JsonSerializer.SerializeToElement(row, type);
            output.Write(string.Join(',', json.EnumerateObject().Select(member => Cell(member.Value))) + '\n');
        }
    }

    private static string Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Quote(Formula.Defuse(value.GetString()!)),
        _ => Quote(value.GetRawText()),
    };

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(Quoted) || text != text.Trim() ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Functions.Responses;

/// <summary>JSON with only the escapes that it requires, so that responses are readable.</summary>
/// <remarks>The serializer's own encoders escape more; even the relaxed one escapes emoji.</remarks>
internal static class PlainJson
{
    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(control => (char)control), '"', '\\']);

    /// <summary>Returns text as a quoted JSON string.</summary>
    public static string Quote(string text)
    {
        if (!text.AsSpan().ContainsAny(Escaped))
        {
            return $"\"{text}\"";
        }

        StringBuilder json = new("\"", text.Length + 16);
        foreach (char c in text)
        {
            if (c < ' ')
            {
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            }
            else
            {
                json.Append(c is '"' or '\\' ? "\\" : "").Append(c);
            }
        }

        return json.Append('"').ToString();
    }

    /// <summary>Replaces \u escapes by their characters where JSON allows it.</summary>
    /// <param name="json">Well-formed JSON.</param>
    public static string Unescape(string json)
    {
        if (!json.Contains("\\u", StringComparison.Ordinal))
        {
            return json;
        }

        StringBuilder plain = new(json.Length);
        for (int i = 0; i < json.Length; i++)
        {
            if (json[i] != '\\')
            {
                plain.Append(json[i]);
            }
            else if (json[i + 1] == 'u' && CodeAt(json, i + 2) is var c && !Escaped.Contains(c))
            {
                plain.Append(c);
                i += "u0000".Length;
            }
            else
            {
                plain.Append('\\').Append(json[++i]);
            }
        }

        return plain.ToString();
    }

    private static char CodeAt(string json, int index) =>
        (char)ushort.Parse(json.AsSpan(index, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

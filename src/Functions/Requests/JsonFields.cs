using System.Text.Json;
using System.Text.Unicode;

namespace Functions.Requests;

/// <summary>The members of a JSON object. Types are strict; the last of repeated members counts.</summary>
internal sealed class JsonFields(JsonElement body, ValidationErrors errors) : IBodyFields
{
    public bool UrlEncoded => false;

    public bool Has(string name) => Find(name, out _);

    public long? Integer(string name)
    {
        if (!Find(name, out JsonElement member))
        {
            return null;
        }

        if (member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long value))
        {
            return value;
        }

        errors.AddBody(name, Rule.Integer);
        return null;
    }

    public string? Text(string name)
    {
        if (!Find(name, out JsonElement member))
        {
            return null;
        }

        if (member.ValueKind == JsonValueKind.String)
        {
            return member.ValueEquals("") ? null : member.GetString();
        }

        errors.AddBody(name, "must be a string");
        return null;
    }

    public bool? Boolean(string name)
    {
        if (!Find(name, out JsonElement member))
        {
            return null;
        }

        if (member.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return member.GetBoolean();
        }

        errors.AddBody(name, Rule.Boolean);
        return null;
    }

    public string? Object(string name) => Find(name, out JsonElement member) ? Metadata.Read(member, name, errors) : null;

    /// <summary>Parses a JSON object. Returns null if the body is anything else or not well-formed Unicode.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        // The parser does not validate the contents of strings until they are read.
        if (!Utf8.IsValid(body.Span))
        {
            return null;
        }

        JsonDocument document;
        try
        {
            if (HasLoneSurrogate(body.Span))
            {
                return null;
            }

            document = JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        return null;
    }

    /// <summary>Finds unpaired surrogates: JSON allows them as escapes, but UTF-8, used in storage and responses, does not.</summary>
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\\u"u8) < 0)
        {
            return false;
        }

        Utf8JsonReader reader = new(body);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    _ = reader.GetString();
                }
            }

            return false;
        }
        catch (InvalidOperationException)
        {
            // GetString throws it for an unpaired surrogate.
            return true;
        }
    }

    private bool Find(string name, out JsonElement member) =>
        body.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;
}

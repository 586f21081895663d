using System.Text.Json;
using System.Text.Unicode;

namespace Functions.Requests;

/// <summary>The members of a JSON object. Types are strict; of a member given twice the last counts.</summary>
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

    /// <summary>Parses the body of a request; null when it is not one JSON object in well-formed Unicode.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        // The parser leaves what stands in strings unchecked until it is asked for.
        if (!Utf8.IsValid(body.Span))
        {
            return null;
        }

        JsonDocument document;
        try
        {
            RefuseLoneSurrogates(body.Span);
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

    /// <summary>JSON's grammar allows half a surrogate pair as an escape; UTF-8, in which we store and answer, does not.</summary>
    private static void RefuseLoneSurrogates(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        Utf8JsonReader reader = new(body);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                try
                {
                    _ = reader.GetString();
                }
                catch (InvalidOperationException exception)
                {
                    throw new JsonException("A string is not well-formed Unicode.", exception);
                }
            }
        }
    }

    private bool Find(string name, out JsonElement member) =>
        body.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;
}

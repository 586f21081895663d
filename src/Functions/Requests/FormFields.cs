using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Functions.Responses;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Functions.Requests;

/// <summary>
/// The fields of a form, converted from text. An empty value omits the field, a repeated field is an error, and unknown
/// fields are ignored.
/// </summary>
internal sealed class FormFields(bool urlEncoded, ValidationErrors errors) : IBodyFields
{
    /// <summary>RFC 2046, 5.1.1.</summary>
    private const int MaxBoundaryLength = 70;

    private readonly Dictionary<string, string> _values = [];

    /// <summary>Fields that already have a validation error.</summary>
    private readonly HashSet<string> _refused = [];

    public bool UrlEncoded => urlEncoded;

    /// <summary>Reads a URL-encoded form, whose syntax is that of a query. Returns a problem if it is malformed.</summary>
    public Problem? ReadUrlEncoded(ReadOnlyMemory<byte> form)
    {
        if (!Utf8.IsValid(form.Span))
        {
            return Problem.MalformedForm;
        }

        foreach (QueryStringEnumerable.EncodedNameValuePair field in new QueryStringEnumerable(Encoding.UTF8.GetString(form.Span)))
        {
            Add(field.DecodeName().ToString(), field.DecodeValue().ToString());
        }

        return null;
    }

    /// <summary>Reads a multipart form. Returns a problem if it is malformed.</summary>
    public async Task<Problem?> ReadMultipartAsync(ReadOnlyMemory<byte> form, string boundary, CancellationToken cancellationToken)
    {
        if (boundary.Length is 0 or > MaxBoundaryLength)
        {
            return Problem.MalformedForm;
        }

        MultipartReader reader = new(boundary, new MemoryStream(form.ToArray()));
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (await ReadPartAsync(section, cancellationToken) is { } problem)
                {
                    return problem;
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return Problem.MalformedForm;
        }
    }

    public bool Has(string name) => _refused.Contains(name) || _values.GetValueOrDefault(name) is { Length: > 0 };

    public long? Integer(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Integer64.TryParse(text, out long value))
        {
            return value;
        }

        errors.AddBody(name, Rule.Integer);
        return null;
    }

    public string? Text(string name) =>
        !_refused.Contains(name) && _values.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    public bool? Boolean(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (text.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (text.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        errors.AddBody(name, Rule.Boolean);
        return null;
    }

    public string? Object(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        // A byte order mark at the start of a file is not part of the text.
        using JsonDocument? document = JsonFields.Parse(Encoding.UTF8.GetBytes(text.TrimStart('\ufeff')));
        if (document is null)
        {
            errors.AddBody(name, Rule.Object);
            return null;
        }

        return Metadata.Read(document.RootElement, name, errors);
    }

    private async Task<Problem?> ReadPartAsync(MultipartSection part, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out ContentDispositionHeaderValue? disposition)
            || !MediaType.Is(disposition.DispositionType, "form-data"))
        {
            return Problem.MalformedForm;
        }

        string name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
        if (!BodyField.IsKnown(name))
        {
            return null;
        }

        _ = MediaTypeHeaderValue.TryParse(part.ContentType, out MediaTypeHeaderValue? type);
        if (IsFile(disposition) && !(name == BodyField.Metadata && type?.IsJson() == true))
        {
            Refuse(name, "must be a value, not a file");
            return null;
        }

        if (type?.IsUtf8() == false)
        {
            return Problem.BodyNotUtf8;
        }

        using MemoryStream value = new();
        await part.Body.CopyToAsync(value, cancellationToken);
        ReadOnlySpan<byte> bytes = value.GetBuffer().AsSpan(0, (int)value.Length);
        if (!Utf8.IsValid(bytes))
        {
            return Problem.MalformedForm;
        }

        Add(name, Encoding.UTF8.GetString(bytes));
        return null;
    }

    /// <summary>Whether a part has a file name. An empty file input has an empty one.</summary>
    private static bool IsFile(ContentDispositionHeaderValue disposition) =>
        !StringSegment.IsNullOrEmpty(HeaderUtilities.RemoveQuotes(disposition.FileName)) || !StringSegment.IsNullOrEmpty(disposition.FileNameStar);

    private void Add(string name, string value)
    {
        if (BodyField.IsKnown(name) && !_values.TryAdd(name, value))
        {
            Refuse(name, Rule.Once);
        }
    }

    private void Refuse(string name, string rule)
    {
        if (_refused.Add(name))
        {
            errors.AddBody(name, rule);
        }
    }
}

using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Functions.Requests;

/// <summary>
/// The fields of a form, whose values are text and converted here. An empty value is how a form leaves a field out;
/// a field given twice is a fault.
/// </summary>
internal sealed class FormFields(Faults faults) : IBodyFields
{
    /// <summary>RFC 2046, 5.1.1.</summary>
    private const int MaxBoundaryLength = 70;

    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _repeated = [];

    /// <summary>Takes the fields of a url-encoded form, which is read as a query is.</summary>
    public void ReadUrlEncoded(ReadOnlyMemory<char> form)
    {
        foreach (QueryStringEnumerable.EncodedNameValuePair field in new QueryStringEnumerable(form))
        {
            Add(field.DecodeName().ToString(), field.DecodeValue().ToString());
        }
    }

    /// <summary>Takes the fields of a multipart form; false when it is none. A file is a fault.</summary>
    public async Task<bool> ReadMultipartAsync(ReadOnlyMemory<byte> form, string boundary, CancellationToken cancellation)
    {
        if (boundary.Length is 0 or > MaxBoundaryLength)
        {
            return false;
        }

        MultipartReader reader = new(boundary, new MemoryStream(form.ToArray()));
        try
        {
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition))
                {
                    return false;
                }

                string name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
                if (disposition.IsFormDisposition())
                {
                    Add(name, await section.ReadAsStringAsync(cancellation));
                }
                else
                {
                    faults.Add(name, "The form field must be a value, not a file.");
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return false;
        }
    }

    public bool Has(string name) => _values.TryGetValue(name, out string? text) && text.Length > 0;

    public long? Integer(string name)
    {
        if (Text(name) is not { Length: > 0 } text)
        {
            return null;
        }

        if (Integer64.TryParse(text, out long value))
        {
            return value;
        }

        faults.Add(name, "The form field must be an integer of 64 bits.");
        return null;
    }

    public string? Text(string name)
    {
        if (_repeated.Contains(name))
        {
            faults.Add(name, "The form field must be given once.");
            return null;
        }

        return _values.GetValueOrDefault(name);
    }

    public bool? Boolean(string name)
    {
        if (Text(name) is not { Length: > 0 } text)
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

        faults.Add(name, "The form field must be true or false.");
        return null;
    }

    public string? Object(string name)
    {
        if (Text(name) is not { Length: > 0 } text)
        {
            return null;
        }

        using JsonDocument? document = JsonFields.Parse(Encoding.UTF8.GetBytes(text));
        if (document is null)
        {
            faults.Add(name, "The form field must be a JSON object.");
            return null;
        }

        return Metadata.Read(document.RootElement, name, faults);
    }

    private void Add(string name, string value)
    {
        if (!_values.TryAdd(name, value))
        {
            _repeated.Add(name);
        }
    }
}

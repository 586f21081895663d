using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Functions.Requests;

/// <summary>Tests on the media type of a body or of a form part.</summary>
internal static class MediaType
{
    public const string Json = "application/json";

    /// <summary>Whether the type is JSON or has the suffix +json.</summary>
    public static bool IsJson(this MediaTypeHeaderValue type) => Is(type.MediaType, Json) || Is(type.Suffix, "json");

    /// <summary>Whether the charset is UTF-8, its subset ASCII, or omitted: JSON and forms are UTF-8 by default.</summary>
    public static bool IsUtf8(this MediaTypeHeaderValue type)
    {
        StringSegment charset = HeaderUtilities.RemoveQuotes(type.Charset);
        return StringSegment.IsNullOrEmpty(charset)
            || Is(charset, "utf-8") || Is(charset, "utf8") || Is(charset, "us-ascii") || Is(charset, "ascii");
    }

    public static bool Is(StringSegment value, string name) => value.Equals(name, StringComparison.OrdinalIgnoreCase);
}

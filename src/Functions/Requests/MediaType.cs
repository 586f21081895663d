using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Functions.Requests;

/// <summary>What holds for the media type of a body and for that of a part of a form.</summary>
internal static class MediaType
{
    public const string Json = "application/json";

    /// <summary>JSON under its own name, or as what another type is written in.</summary>
    public static bool IsJson(this MediaTypeHeaderValue type) => Is(type.MediaType, Json) || Is(type.Suffix, "json");

    /// <summary>UTF-8 under its names, and its subset; also without a charset, as JSON and forms are by their standards.</summary>
    public static bool IsUtf8(this MediaTypeHeaderValue type)
    {
        StringSegment charset = HeaderUtilities.RemoveQuotes(type.Charset);
        return StringSegment.IsNullOrEmpty(charset)
            || Is(charset, "utf-8") || Is(charset, "utf8") || Is(charset, "us-ascii") || Is(charset, "ascii");
    }

    public static bool Is(StringSegment value, string name) => value.Equals(name, StringComparison.OrdinalIgnoreCase);
}

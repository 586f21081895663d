using System.Globalization;

namespace Functions.Requests;

/// <summary>An integer written as text, in the query or a form: digits with an optional sign.</summary>
internal static class Integer64
{
    public static bool TryParse(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        // .NET takes zero characters at the end for part of a number.
        && text[^1] != '\0';
}

using System.Globalization;

namespace Functions.Requests;

/// <summary>Parses an integer in a query or form: decimal digits with an optional sign.</summary>
internal static class Integer64
{
    public static bool TryParse(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        // .NET accepts trailing null characters.
        && text[^1] != '\0';
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Admin.Arguments;

/// <summary>
/// Parses times in ISO 8601, RFC 3339 and the format of <c>date -I</c>: a comma before the fraction, up to nine digits in
/// it, lower-case <c>t</c> and <c>z</c>, a space instead of the <c>T</c>. A time without an offset is UTC.
/// </summary>
internal static partial class InstantText
{
    /// <summary>The precision of .NET; further digits are dropped.</summary>
    private const int FractionDigits = 7;

    /// <summary>Table Storage cannot hold an earlier time.</summary>
    /// <seealso href="https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-types"/>
    private static readonly DateTimeOffset Earliest = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>A date without a time means the start of that day.</summary>
    public static bool TryStart(string text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(
            Iso().Replace(text, Normalize),
            Formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out instant)
        && instant >= Earliest;

    /// <summary>A date without a time means the end of that day.</summary>
    public static bool TryEnd(string text, out DateTimeOffset instant)
    {
        if (!TryStart(text, out instant))
        {
            return false;
        }

        if (DateOnly.TryParseExact(text, Formats[0], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            instant = day == DateOnly.MaxValue ? DateTimeOffset.MaxValue : instant.AddDays(1);
        }

        return true;
    }

    private static string Normalize(Match time)
    {
        string Part(string name, string missing) => time.Groups[name] is { Success: true, Value: var value } ? value : missing;

        string fraction = Part("fraction", "0");
        string offset = Part("offset", "z");
        return $"{Part("date", "")}T{Part("minute", "")}:{Part("second", "00")}.{fraction[..Math.Min(fraction.Length, FractionDigits)]}"
            + (offset is "z" or "Z" ? "+00:00" : $"{offset[..3]}:{(offset.Length > 3 ? offset[^2..] : "00")}");
    }

    [GeneratedRegex(
        @"\A(?<date>\d{4}-\d\d-\d\d)[Tt ](?<minute>\d\d:\d\d)(:(?<second>\d\d)([.,](?<fraction>\d{1,9}))?)?(?<offset>[Zz]|[+-]\d\d(:?\d\d)?)?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Iso();
}

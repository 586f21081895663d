using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Assignments;

namespace Admin;

/// <summary>
/// What a value may be. Each method reads the value of one option or argument; of a wrong one it adds a sentence to
/// the errors and gives null. No sentence repeats the value: it may be personal.
/// </summary>
internal static class Input
{
    /// <summary>Longest name of anything.</summary>
    public const int MaxText = 256;

    private const int MaxAddress = 2048;

    /// <summary>Table Storage keeps no earlier time.</summary>
    /// <seealso href="https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-types"/>
    private static readonly DateTimeOffset Earliest = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] InstantFormats =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static string? PlatformKey(ArgumentResult result) =>
        IsText(Value(result)) && Encoding.UTF8.GetByteCount(Value(result)) <= Platform.MaxKeyBytes
            ? Value(result)
            : Wrong<string>(result, $"must not be empty, nor hold control characters, nor be longer than {Platform.MaxKeyBytes} bytes in UTF-8");

    public static string? Text(ArgumentResult result) =>
        IsText(Value(result)) && Value(result).Length <= MaxText
            ? Value(result)
            : Wrong<string>(result, $"must not be empty, nor hold control characters, nor be longer than {MaxText} characters");

    public static long? Id(ArgumentResult result) =>
        TryNumber(Value(result), out long id) && id >= 1
            ? id
            : WrongNumber(result, "must be a whole number, 1 or more");

    /// <summary>Null also for <c>unlimited</c>.</summary>
    public static long? Seats(ArgumentResult result) =>
        Value(result) == "unlimited" ? null
        : TryNumber(Value(result), out long seats) ? seats
        : WrongNumber(result, "must be a whole number, 0 or more, or the word unlimited");

    public static DateTimeOffset? Instant(ArgumentResult result)
    {
        if (DateTimeOffset.TryParseExact(
            Value(result),
            InstantFormats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset instant)
            && instant >= Earliest)
        {
            return instant;
        }

        Wrong<object>(result, "must be an ISO 8601 date or time, such as 2030-01-31 or 2030-01-31T18:00+01:00");
        return null;
    }

    public static EmailAddress? Email(ArgumentResult result) =>
        EmailAddress.TryParse(Value(result), out EmailAddress? email)
            ? email
            : Wrong<EmailAddress>(result, "must be an e-mail address");

    public static Uri? WebAddress(ArgumentResult result) =>
        Value(result).Length <= MaxAddress
        && Uri.TryCreate(Value(result), UriKind.Absolute, out Uri? address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : Wrong<Uri>(result, "must be an absolute address that begins with http:// or https://");

    private static string Value(ArgumentResult result) => result.Tokens[0].Value;

    private static bool IsText(string value) => !string.IsNullOrWhiteSpace(value) && !value.Any(char.IsControl);

    private static bool TryNumber(string value, out long number) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static long? WrongNumber(ArgumentResult result, string rule)
    {
        Wrong<object>(result, rule);
        return null;
    }

    private static T? Wrong<T>(ArgumentResult result, string rule)
        where T : class
    {
        string name = result.Parent is OptionResult option ? option.Option.Name : $"<{result.Argument.Name}>";
        result.AddError($"{name} {rule}.");
        return null;
    }
}

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
    private const string None = "none";

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

    public static long? Id(ArgumentResult result)
    {
        if (TryNumber(Value(result), out long id) && id >= 1)
        {
            return id;
        }

        Wrong<object>(result, "must be a whole number, 1 or more");
        return null;
    }

    public static SeatCount? Seats(ArgumentResult result) =>
        Value(result) == "unlimited" ? new SeatCount(null)
        : TryNumber(Value(result), out long seats) ? new SeatCount(seats)
        : Wrong<SeatCount>(result, "must be a whole number, 0 or more, or the word unlimited");

    public static DateTimeOffset? Instant(ArgumentResult result)
    {
        if (TryInstant(Value(result), out DateTimeOffset instant))
        {
            return instant;
        }

        Wrong<object>(result, "must be an ISO 8601 date or time, such as 2030-01-31 or 2030-01-31T18:00+01:00");
        return null;
    }

    /// <summary>Whether the option is there, is right, and names a time; for rules that compare two of them.</summary>
    public static bool TryInstant(OptionResult? option, out DateTimeOffset instant)
    {
        instant = default;
        return option is { Tokens: [Token token] } && TryInstant(token.Value, out instant);
    }

    public static EmailAddress? Email(ArgumentResult result) =>
        EmailAddress.TryParse(Value(result), out EmailAddress? email)
            ? email
            : Wrong<EmailAddress>(result, "must be an e-mail address");

    /// <summary>A user by id or by address.</summary>
    public static UserName? UserName(ArgumentResult result) =>
        TryNumber(Value(result), out long id) && id >= 1 ? new UserName(id, null)
        : EmailAddress.TryParse(Value(result), out EmailAddress? email) ? new UserName(null, email)
        : Wrong<UserName>(result, "must be a user's id or e-mail address");

    /// <summary>What a command may also take away with the word none.</summary>
    public static Func<ArgumentResult, Given<T>?> OrNone<T>(Func<ArgumentResult, T?> parse) => result =>
    {
        if (Value(result) == None)
        {
            return new Given<T>(default);
        }

        T? value = parse(result);
        return value is null ? null : new Given<T>(value);
    };

    /// <summary>As it was given when that is a URI; letters that no URI has are escaped.</summary>
    public static Uri? WebAddress(ArgumentResult result) =>
        Value(result).Length <= MaxAddress
        && Uri.TryCreate(Value(result), UriKind.Absolute, out Uri? address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address.IsWellFormedOriginalString() ? address : new Uri(address.AbsoluteUri)
            : Wrong<Uri>(result, "must be an absolute address that begins with http:// or https://");

    /// <summary>A file or a folder; whether it is there is another question.</summary>
    public static string? Path(ArgumentResult result) =>
        Value(result).Length > 0 ? Value(result) : Wrong<string>(result, "must not be empty");

    private static string Value(ArgumentResult result) => result.Tokens[0].Value;

    public static bool IsText(string value) => !string.IsNullOrWhiteSpace(value) && !value.Any(char.IsControl);

    /// <summary>Whether no character was lost on the way here: bytes that are no UTF-8 arrive as U+FFFD.</summary>
    public static bool IsWholeText(string value) => value.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);

    private static bool TryInstant(string value, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(
            value,
            InstantFormats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out instant)
        && instant >= Earliest;

    private static bool TryNumber(string value, out long number) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static T? Wrong<T>(ArgumentResult result, string rule)
        where T : class
    {
        string name = result.Parent is OptionResult option ? option.Option.Name : $"<{result.Argument.Name}>";
        result.AddError($"{name} {rule}.");
        return null;
    }
}

/// <summary>A value that was given, null when it was given as none.</summary>
internal sealed record Given<T>(T? Value);

/// <summary>Names a user in one of the two ways; the other is null.</summary>
internal sealed record UserName(long? Id, EmailAddress? Email);

/// <param name="Limit">Null for unlimited.</param>
internal sealed record SeatCount(long? Limit);

using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Arguments;

/// <summary>
/// Parses and validates values. Each method parses the value of an option or argument. If it is invalid, the method adds
/// an error and returns null. Errors do not repeat the value, which may be personal.
/// </summary>
internal static class ValueParser
{
    /// <summary>The maximum length of names, in characters.</summary>
    public const int MaxText = 256;

    private const int MaxAddress = 2048;

    /// <summary>Keeps times in the range of .NET.</summary>
    private const int MaxUnits = 50_000;

    private const int MaxCallers = 1_000;

    private const int MaxSeconds = 600;

    private const string None = "none";

    public static string? PlatformKey(ArgumentResult result) =>
        IsOption(result) ? WrongOption(result)
        : IsText(Value(result)) && Encoding.UTF8.GetByteCount(Value(result)) <= Platform.MaxKeyBytes
            ? Value(result)
            : Wrong<string>(result, $"must not be empty, contain control characters, or be longer than {Platform.MaxKeyBytes} bytes in UTF-8");

    public static string? Text(ArgumentResult result) =>
        IsOption(result) ? WrongOption(result)
        : IsText(Value(result)) && Value(result).Length <= MaxText
            ? Value(result)
            : Wrong<string>(result, $"must not be empty, contain control characters, or be longer than {MaxText} characters");

    public static long? Id(ArgumentResult result)
    {
        if (TryNumber(Value(result), out long id) && id >= 1)
        {
            return id;
        }

        Wrong<object>(result, "must be a whole number, 1 or more");
        return null;
    }

    public static SeatLimit? Seats(ArgumentResult result) =>
        Value(result) == "unlimited" ? new SeatLimit(null)
        : TryNumber(Value(result), out long seats) ? new SeatLimit(seats)
        : Wrong<SeatLimit>(result, "must be a whole number, 0 or more, or unlimited");

    /// <summary>A time. A date without a time means the start of that day in UTC.</summary>
    public static DateTimeOffset? Start(ArgumentResult result) => Instant(result, InstantText.TryStart);

    /// <summary>The time at which something ends. A date without a time means the end of that day in UTC.</summary>
    public static DateTimeOffset? End(ArgumentResult result) => Instant(result, InstantText.TryEnd);

    public static EmailAddress? Email(ArgumentResult result) =>
        EmailAddress.TryParse(Value(result), out EmailAddress? email)
            ? email
            : Wrong<EmailAddress>(result, "must be an e-mail address");

    public static UserReference? UserReference(ArgumentResult result) =>
        TryNumber(Value(result), out long id) && id >= 1 ? new UserReference(id, null)
        : EmailAddress.TryParse(Value(result), out EmailAddress? email) ? new UserReference(null, email)
        : Wrong<UserReference>(result, "must be a user's id or e-mail address");

    /// <summary>A number of hours, days or weeks.</summary>
    public static TimeSpan? Duration(ArgumentResult result)
    {
        string value = Value(result);
        TimeSpan? unit = value.Length == 0 ? null : value[^1] switch
        {
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            'w' => TimeSpan.FromDays(7),
            _ => null,
        };
        if (unit is { } one && TryNumber(value[..^1], out long number) && number <= MaxUnits)
        {
            return one * number;
        }

        Wrong<object>(result, "must be a number of hours, days or weeks, such as 12h, 30d or 4w");
        return null;
    }

    /// <summary>A whole percentage from 0 to 100.</summary>
    public static long? Percent(ArgumentResult result)
    {
        if (Value(result).EndsWith('%') && TryNumber(Value(result)[..^1], out long percent) && percent <= 100)
        {
            return percent;
        }

        Wrong<object>(result, "must be a percentage, such as 10%");
        return null;
    }

    /// <summary>A whole number, or a percentage.</summary>
    public static RemovalLimit? RemovalLimit(ArgumentResult result) =>
        TryNumber(Value(result).TrimEnd('%'), out long number) && Value(result).Count(letter => letter == '%') <= 1
            ? new RemovalLimit(number, Value(result).EndsWith('%'))
            : Wrong<RemovalLimit>(result, "must be a whole number, or a percentage such as 10%");

    /// <summary>A comma-separated list of numbers of callers.</summary>
    public static IReadOnlyList<int>? Callers(ArgumentResult result)
    {
        string[] numbers = Value(result).Split(',');
        return numbers.All(number => TryNumber(number, out long callers) && callers is >= 1 and <= MaxCallers)
            ? [.. numbers.Select(number => int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture))]
            : Wrong<IReadOnlyList<int>>(result, $"must be a comma-separated list of numbers from 1 to {MaxCallers}, such as 1,16");
    }

    /// <summary>A whole number of seconds.</summary>
    public static int? Seconds(ArgumentResult result)
    {
        if (TryNumber(Value(result), out long seconds) && seconds is >= 1 and <= MaxSeconds)
        {
            return (int)seconds;
        }

        Wrong<object>(result, $"must be a whole number from 1 to {MaxSeconds}");
        return null;
    }

    /// <summary>A value, or the word none, which removes the stored value.</summary>
    public static Func<ArgumentResult, OrNone<T>?> OrNone<T>(Func<ArgumentResult, T?> parse) => result =>
    {
        if (Value(result) == None)
        {
            return new OrNone<T>(default);
        }

        T? value = parse(result);
        return value is null ? null : new OrNone<T>(value);
    };

    /// <summary>An absolute http or https URL; characters that are invalid in a URI are escaped.</summary>
    public static Uri? WebAddress(ArgumentResult result) =>
        Value(result).Length <= MaxAddress
        && Uri.TryCreate(Value(result), UriKind.Absolute, out Uri? address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address.IsWellFormedOriginalString() ? address : new Uri(address.AbsoluteUri)
            : Wrong<Uri>(result, "must be an absolute URL that starts with http:// or https://");

    /// <summary>The path of a file or folder, whether or not it exists.</summary>
    public static string? Path(ArgumentResult result) =>
        IsOption(result) ? WrongOption(result)
        : Value(result).Length > 0 ? Value(result) : Wrong<string>(result, "must not be empty");

    /// <summary>Whether the value is missing, so that the next option was parsed as the value.</summary>
    private static bool IsOption(ArgumentResult result)
    {
        string value = Value(result);
        for (SymbolResult? at = result.Parent; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command.Options: var options } && options.Any(option => option.Name == value || option.Aliases.Contains(value)))
            {
                return true;
            }
        }

        return value.StartsWith("--", StringComparison.Ordinal);
    }

    private static string? WrongOption(ArgumentResult result) => Wrong<string>(result, "must have a value that does not start with --");

    private static string Value(ArgumentResult result) => result.Tokens[0].Value;

    public static bool IsText(string value) => !string.IsNullOrWhiteSpace(value) && !value.Any(char.IsControl);

    /// <summary>Whether the value arrived intact: bytes that are not UTF-8 are replaced by U+FFFD.</summary>
    public static bool IsWholeText(string value) => value.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);

    private static DateTimeOffset? Instant(ArgumentResult result, InstantParser parse)
    {
        if (parse(Value(result), out DateTimeOffset instant))
        {
            return instant;
        }

        Wrong<object>(result, "must be an ISO 8601 date or time, such as 2030-01-31 or 2030-01-31T18:00+01:00");
        return null;
    }

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

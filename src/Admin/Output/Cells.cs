using System.Globalization;
using Spectre.Console;

namespace Admin.Output;

/// <summary>Formats values as cells of tables.</summary>
internal static class Cells
{
    private const int BarWidth = 10;
    private const double AlmostFull = 0.9;

    public static Text Text(string? text) => new(text ?? "");

    public static Text Number(long? number) => new(number?.ToString("N0", CultureInfo.InvariantCulture) ?? "");

    public static Text Decimal(double? number) => new(number?.ToString("N2", CultureInfo.InvariantCulture) ?? "");

    /// <summary>Digits of ids are not grouped.</summary>
    public static Text Id(long id) => new(id.ToString(CultureInfo.InvariantCulture));

    public static Text YesNo(bool value) => new(value ? "yes" : "no");

    /// <inheritdoc cref="Time"/>
    public static Text Instant(DateTimeOffset? instant, string none = "") => new(Time(instant, none));

    /// <summary>In UTC, to the second: the end of a day is midnight of the next, which a date without a time would hide.</summary>
    /// <param name="none">The text if there is no time.</param>
    public static string Time(DateTimeOffset? instant, string none) =>
        instant?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? none;

    public static string Seats(Int128? seats) => seats?.ToString("N0", CultureInfo.InvariantCulture) ?? "unlimited";

    /// <summary>The share of seats used; above 90 % it is highlighted, with and without color.</summary>
    public static Markup Bar(long used, long? seats)
    {
        if (seats is not { } total)
        {
            return new Markup("");
        }

        double share = total == 0 ? (used == 0 ? 0 : 1) : (double)used / total;
        bool almostFull = share > AlmostFull;
        int filled = (int)Math.Floor(Math.Min(share, 1) * BarWidth);
        string percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100)} %");
        return new Markup(
            $"[{(almostFull ? "red" : "green")}]{new string('█', filled)}[/][grey]{new string('░', BarWidth - filled)}[/] "
            + (almostFull ? $"[bold red]{percent} ![/]" : percent));
    }
}

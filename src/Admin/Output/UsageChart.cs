using System.Globalization;
using System.Text;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Output;

/// <summary>Draws the use of a license's seats, in the terminal and as SVG.</summary>
internal static class UsageChart
{
    private const int Rows = 8;
    private const int Width = 720;
    private const int Height = 240;
    private const int Margin = 40;
    private const string Blocks = " ▁▂▃▄▅▆▇█";

    public static void Write(LicenseUsageJson usage, IAnsiConsole console)
    {
        long top = Top(usage);
        int label = top.ToString("N0", CultureInfo.InvariantCulture).Length;
        for (int row = Rows - 1; row >= 0; row--)
        {
            string bars = string.Concat(usage.Points.Select(point =>
                Blocks[Math.Clamp((int)(((Int128)point.Peak * Rows * (Blocks.Length - 1) + top - 1) / top) - (row * (Blocks.Length - 1)), 0, Blocks.Length - 1)]));
            string mark = row == Rows - 1 ? top.ToString("N0", CultureInfo.InvariantCulture) : row == 0 ? "0" : "";
            console.Profile.Out.Writer.WriteLine($"{mark.PadLeft(label)} │{bars}");
        }

        console.Profile.Out.Writer.WriteLine($"{new string(' ', label)} └{new string('─', usage.Points.Count)}");
        console.Profile.Out.Writer.WriteLine($"{new string(' ', label + 2)}{Day(usage.Points[0].At)}{Day(usage.Points[^1].At).PadLeft(usage.Points.Count - 10)}");
        console.MarkupLineInterpolated($"License [bold]{usage.LicenseId}[/] ({usage.Name}): {usage.SeatsUsed:N0} {Plural.For(usage.SeatsUsed, "seat")} used of {Cells.Seats(usage.Seats)}, at most {usage.Points.Max(point => point.Peak):N0}.");
    }

    public static string Svg(LicenseUsageJson usage)
    {
        long top = Top(usage);
        string X(int point) => (Margin + ((Width - (2.0 * Margin)) * point / (usage.Points.Count - 1))).ToString("0.#", CultureInfo.InvariantCulture);
        string Y(long seats) => (Height - Margin - ((Height - (2.0 * Margin)) * Math.Min(seats, top) / top)).ToString("0.#", CultureInfo.InvariantCulture);
        string Line(Func<UsagePointJson, long> value) =>
            string.Join(' ', usage.Points.Select((point, i) => $"{X(i)},{Y(value(point))}"));

        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height}" font-family="sans-serif" font-size="12">""").Append('\n');
        svg.Append(CultureInfo.InvariantCulture, $"""<title>{System.Security.SecurityElement.Escape($"{usage.Name}: seats used")}</title>""").Append('\n');
        svg.Append(CultureInfo.InvariantCulture, $"""<polygon fill="#9ecae1" points="{X(0)},{Y(0)} {Line(point => point.Peak)} {X(usage.Points.Count - 1)},{Y(0)}"/>""").Append('\n');
        if (usage.Points.All(point => point.Seats is not null))
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<polyline fill="none" stroke="#d62728" stroke-dasharray="4" points="{Line(point => point.Seats!.Value)}"/>""").Append('\n');
        }

        svg.Append(CultureInfo.InvariantCulture, $"""<text x="4" y="{Y(top)}">{top:N0}</text><text x="4" y="{Y(0)}">0</text>""").Append('\n');
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Margin}" y="{Height - 12}">{Day(usage.Points[0].At)}</text><text x="{Width - Margin}" y="{Height - 12}" text-anchor="end">{Day(usage.Points[^1].At)}</text>""").Append('\n');
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The top of the axis: the number of seats, unless that is unlimited or far more than were used.</summary>
    private static long Top(LicenseUsageJson usage)
    {
        long peak = Math.Max(1, usage.Points.Max(point => point.Peak));
        return usage.Seats is { } seats && seats >= peak && seats / 10 <= peak ? seats : peak;
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

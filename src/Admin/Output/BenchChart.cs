using System.Globalization;
using System.Text;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Output;

/// <summary>Draws request durations, in the terminal and as SVG, on a logarithmic axis, because the slowest take much longer.</summary>
internal static class BenchChart
{
    private const int Width = 60;
    private const int SvgWidth = 720;
    private const int SvgLabel = 150;
    private const int SvgRow = 24;

    private static readonly (string Name, string Color, char Mark, Func<MeasurementJson, double?> Of)[] Series =
    [
        ("p50", "#2171b5", '█', row => row.P50Ms),
        ("p99", "#6baed6", '▓', row => row.P99Ms),
        ("p100", "#c6dbef", '░', row => row.P100Ms),
    ];

    public static void Write(IReadOnlyList<MeasurementJson> measurements, IAnsiConsole console)
    {
        MeasurementJson[] drawn = Drawn(measurements);
        if (drawn.Length == 0)
        {
            return;
        }

        TextWriter output = console.Profile.Out.Writer;
        (int least, int most) = Decades(drawn);
        int label = drawn.Max(row => Label(row).Length);
        char[] axis = new string(' ', Width + 10).ToCharArray();
        for (int decade = least; decade <= most; decade++)
        {
            string tick = Tick(decade);
            tick.CopyTo(axis.AsSpan((int)(Share(Math.Pow(10, decade), least, most) * Width)));
        }

        output.WriteLine($"{new string(' ', label)} {new string(axis).TrimEnd()}");
        foreach (MeasurementJson row in drawn)
        {
            StringBuilder bar = new();
            foreach ((_, _, char mark, Func<MeasurementJson, double?> of) in Series)
            {
                bar.Append(mark, Math.Max(0, (int)Math.Round(Share(of(row)!.Value, least, most) * Width) - bar.Length));
            }

            output.WriteLine($"{Label(row).PadRight(label)} {bar}");
        }

        output.WriteLine($"{new string(' ', label)} {string.Join(", ", Series.Select(each => $"{each.Mark} to {each.Name}"))}");
    }

    public static string Svg(IReadOnlyList<MeasurementJson> measurements)
    {
        MeasurementJson[] drawn = Drawn(measurements);
        (int least, int most) = drawn.Length == 0 ? (0, 1) : Decades(drawn);
        string X(double share) => (SvgLabel + (share * (SvgWidth - SvgLabel - 60))).ToString("0.#", CultureInfo.InvariantCulture);
        int bottom = 40 + (drawn.Length * SvgRow);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{SvgWidth}" height="{bottom + 30}" font-family="sans-serif" font-size="12">""").Append('\n');
        svg.Append("<title>Time of a request</title>\n");
        for (int decade = least; decade <= most; decade++)
        {
            string x = X(Share(Math.Pow(10, decade), least, most));
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{x}" y1="30" x2="{x}" y2="{bottom}" stroke="#ddd"/><text x="{x}" y="22" text-anchor="middle">{Tick(decade)}</text>""").Append('\n');
        }

        for (int i = 0; i < drawn.Length; i++)
        {
            int y = 40 + (i * SvgRow);
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="8" y="{y + 12}">{Label(drawn[i])}</text>""");
            // Draw the longest first, so that the shorter ones cover it.
            foreach ((_, string color, _, Func<MeasurementJson, double?> of) in Series.Reverse())
            {
                double width = Share(of(drawn[i])!.Value, least, most) * (SvgWidth - SvgLabel - 60);
                svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{SvgLabel}" y="{y}" width="{width:0.#}" height="16" fill="{color}"/>""");
            }

            svg.Append('\n');
        }

        for (int i = 0; i < Series.Length; i++)
        {
            int x = SvgLabel + (i * 80);
            svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{x}" y="{bottom + 10}" width="12" height="12" fill="{Series[i].Color}"/><text x="{x + 18}" y="{bottom + 20}">{Series[i].Name}</text>""").Append('\n');
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static MeasurementJson[] Drawn(IReadOnlyList<MeasurementJson> measurements) => [.. measurements.Where(row => row.P50Ms is > 0)];

    private static string Label(MeasurementJson row) =>
        string.Create(CultureInfo.InvariantCulture, $"{row.Operation}, {row.Callers} {Plural.For(row.Callers, "caller")}");

    private static string Tick(int decade) => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, decade):0.###} ms");

    /// <summary>The powers of ten that enclose all durations.</summary>
    private static (int Least, int Most) Decades(MeasurementJson[] drawn)
    {
        int least = (int)Math.Floor(Math.Log10(drawn.Min(row => row.P50Ms!.Value)));
        return (least, Math.Max(least + 1, (int)Math.Ceiling(Math.Log10(drawn.Max(row => row.P100Ms!.Value)))));
    }

    private static double Share(double milliseconds, int least, int most) => Math.Clamp((Math.Log10(milliseconds) - least) / (most - least), 0, 1);
}

using Spectre.Console;
using Spectre.Console.Rendering;

namespace Admin.Output;

/// <summary>Prints rows of one kind as a table.</summary>
/// <param name="whenEmpty">The text to print if there are no rows.</param>
/// <param name="columns">The most important columns first.</param>
internal sealed class Listing<T>(string whenEmpty, params Column<T>[] columns)
{
    /// <summary>Columns that are shown on any terminal: the id and the name.</summary>
    private const int FirstColumns = 2;

    /// <summary>The minimum width of a wrapped column.</summary>
    private const int NarrowestName = 12;

    /// <summary>The border and the padding of a column, and once for the edges.</summary>
    private const int Spacing = 3;

    /// <summary>
    /// Writes a table that fits the terminal. On a narrow one, names wrap, and the last columns are omitted and named below.
    /// </summary>
    public void Write(IEnumerable<T> rows, IAnsiConsole console)
    {
        IRenderable[][] cells = [.. rows.Select(row => columns.Select(column => column.Cell(row)).ToArray())];
        if (cells.Length == 0)
        {
            console.WriteLine(whenEmpty);
            return;
        }

        int shown = FittingColumns(cells, console);
        Table table = new Table().Border(TableBorder.Simple);
        foreach (Column<T> column in columns[..shown])
        {
            table.AddColumn(new TableColumn(column.Title)
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                NoWrap = !column.Wraps,
            });
        }

        foreach (IRenderable[] row in cells)
        {
            table.AddRow(row[..shown]);
        }

        console.Write(table);
        if (shown < columns.Length)
        {
            string titles = string.Join(", ", columns[shown..].Select(column => column.Title).Where(title => title.Length > 0));
            console.WriteLine($"Columns that do not fit: {titles}. Use --json to see them.");
        }
    }

    private int FittingColumns(IRenderable[][] cells, IAnsiConsole console)
    {
        RenderOptions options = RenderOptions.Create(console, console.Profile.Capabilities);
        int[] widths = [.. columns.Select((column, i) =>
        {
            int width = cells.Select(row => row[i].Measure(options, int.MaxValue).Max).Append(column.Title.Length).Max();
            return column.Wraps ? Math.Min(width, NarrowestName) : width;
        })];
        int shown = columns.Length;
        while (shown > FirstColumns && widths[..shown].Sum() + ((shown + 1) * Spacing) - 1 > console.Profile.Width)
        {
            shown--;
        }

        return shown;
    }
}

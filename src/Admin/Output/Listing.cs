using Spectre.Console;
using Spectre.Console.Rendering;

namespace Admin.Output;

/// <summary>How rows of one kind are listed.</summary>
/// <param name="whenEmpty">What stands in place of an empty table.</param>
/// <param name="columns">The most important ones first.</param>
internal sealed class Listing<T>(string whenEmpty, params Column<T>[] columns)
{
    /// <summary>Columns that are shown however narrow the terminal is: what a thing is called.</summary>
    private const int FirstColumns = 2;

    /// <summary>A name is not wrapped to less than this.</summary>
    private const int NarrowestName = 12;

    /// <summary>The border and the space around each column, and once more for the edges.</summary>
    private const int Spacing = 3;

    /// <summary>
    /// Writes a table that fits the terminal: on a narrow one, names wrap and the last columns are left out and named below.
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

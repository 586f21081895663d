using Spectre.Console;
using Spectre.Console.Rendering;

namespace Admin.Output;

/// <summary>
/// A table that fits the terminal: where that is narrow, columns of names wrap, and the last columns, which are of less
/// worth, are left out and named below.
/// </summary>
internal sealed class Listing(params ListingColumn[] columns)
{
    /// <summary>Always shown, however narrow it is: what a thing is called.</summary>
    private const int FirstColumns = 2;

    /// <summary>Below this a name is not worth wrapping.</summary>
    private const int NarrowestName = 12;

    /// <summary>Of the border and the space around it, for each column, and once more for the edges.</summary>
    private const int Spacing = 3;

    private readonly List<IRenderable[]> _rows = [];

    public void Add(params IRenderable[] cells) => _rows.Add(cells);

    public void Write(IAnsiConsole console)
    {
        int[] widths = [.. columns.Select((column, i) => NarrowestOf(column, i, console))];
        int shown = columns.Length;
        while (shown > FirstColumns && widths[..shown].Sum() + ((shown + 1) * Spacing) - 1 > console.Profile.Width)
        {
            shown--;
        }

        Table table = new Table().Border(TableBorder.Simple);
        foreach (ListingColumn column in columns[..shown])
        {
            table.AddColumn(new TableColumn(column.Name)
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                NoWrap = !column.Wraps,
            });
        }

        foreach (IRenderable[] row in _rows)
        {
            table.AddRow(row[..shown]);
        }

        console.Write(table);
        if (shown < columns.Length)
        {
            string names = string.Join(", ", columns[shown..].Select(column => column.Name).Where(name => name.Length > 0));
            console.WriteLine($"Left out for want of width: {names}; --json has them.");
        }
    }

    private int NarrowestOf(ListingColumn column, int index, IAnsiConsole console)
    {
        RenderOptions options = RenderOptions.Create(console, console.Profile.Capabilities);
        int width = _rows.Select(row => row[index].Measure(options, int.MaxValue).Max).Append(column.Name.Length).Max();
        return column.Wraps ? Math.Min(width, NarrowestName) : width;
    }
}

/// <param name="Wraps">Its cells are of any length, such as names.</param>
internal sealed record ListingColumn(string Name, bool IsNumber = false, bool Wraps = false)
{
    public static ListingColumn Number(string name) => new(name, IsNumber: true);

    public static ListingColumn Text(string name) => new(name, Wraps: true);
}

using Admin.Output;
using Licensing.Verification;

namespace Admin.Imports;

/// <summary>The lines of a CSV file with column names in the first line. Each enumeration reads the file again.</summary>
internal sealed class CsvFile(CsvText text, CsvColumns columns) : IDisposable
{
    private static readonly char[] Separators = [',', ';', '\t'];

    /// <param name="path">The file, or - for standard input.</param>
    /// <param name="columns">The columns to read.</param>
    /// <param name="cancellationToken">Interrupts a wait for input.</param>
    public static async Task<CsvFile> OpenAsync(string path, CsvColumns columns, CancellationToken cancellationToken) =>
        new(await CsvText.OpenAsync(path, cancellationToken), columns);

    /// <inheritdoc cref="Parse"/>
    public IEnumerable<CsvLine> Lines() => Parse(text.Read(), columns);

    public void Dispose() => text.Dispose();

    /// <summary>Returns all lines with data; invalid ones have a fault.</summary>
    /// <exception cref="UnreadableFileException">The file as a whole cannot be used.</exception>
    public static IEnumerable<CsvLine> Parse(TextReader text, CsvColumns columns)
    {
        string beginning = CsvRecords.ReadBlock(text);
        char separator = SeparatorOf(beginning, columns);
        using IEnumerator<CsvRecord> records = CsvRecords.In(beginning, text, separator).GetEnumerator();
        if (!records.MoveNext())
        {
            throw new UnreadableFileException("The file is empty: its first line must name the columns.");
        }

        int width = records.Current.Cells.Count;
        int[] indexes = Indexes(records.Current, columns);
        while (records.MoveNext())
        {
            CsvRecord record = records.Current;
            if (LineOfRowInside(record, separator, width, indexes, columns.IsRow) is { } swallowed)
            {
                throw new UnreadableFileException(
                    $"Line {record.Line} has a quoted cell that contains line {swallowed}, which looks like a row: close the quote at the end of line {swallowed - 1}, or remove the row from the cell.");
            }

            string?[] values = Values(record.Cells, indexes);
            yield return new CsvLine(record.Line, values, Fault(record, values, width));
        }
    }

    /// <summary>Returns the separator that yields the most known columns in the first line; a comma wins a tie.</summary>
    private static char SeparatorOf(string text, CsvColumns columns)
    {
        string header = text.TrimStart([.. Separators, ' ', '\r', '\n']).Split(['\r', '\n'], 2)[0];
        return Separators.MaxBy(separator => header.Split(separator)
            .Count(cell => columns.Names.Contains(cell.Trim(' ', '\t', '"'), StringComparer.OrdinalIgnoreCase)));
    }

    private static int[] Indexes(CsvRecord header, CsvColumns columns)
    {
        if (!header.QuotesMatch)
        {
            throw new UnreadableFileException($"The quotes in line {header.Line}, which names the columns, do not match: close each of them.");
        }

        List<string> names = [.. header.Cells.Select(cell => cell.Trim().ToUpperInvariant())];
        if (names.Where(name => name.Length > 0).GroupBy(name => name).FirstOrDefault(name => name.Count() > 1) is { } twice)
        {
            throw new UnreadableFileException(
                $"Line {header.Line} names the column {header.Cells[names.LastIndexOf(twice.Key)].Trim()} twice: rename or remove one of them.");
        }

        foreach (string[] group in columns.Required)
        {
            if (!group.Any(column => names.Contains(column.ToUpperInvariant())))
            {
                throw new UnreadableFileException($"The first line must name a column {string.Join(" or ", group)}, and commas, semicolons or tabs must separate columns.");
            }
        }

        return [.. columns.Names.Select(column => names.IndexOf(column.ToUpperInvariant()))];
    }

    private static string?[] Values(IReadOnlyList<string> cells, int[] indexes) =>
        [.. indexes.Select(index => index < 0 || index >= cells.Count || cells[index].Length == 0 ? null : Formula.Restore(cells[index]))];

    private static string? Fault(CsvRecord record, string?[] values, int width) =>
        !record.QuotesMatch ? "the quotes do not match"
        : record.Text.Contains('\0', StringComparison.Ordinal) ? "it contains NUL characters"
        : record.Cells.Count > width ? $"it has {record.Cells.Count} cells and the first line names {width} {Plural.For(width, "column")}"
        : values.Any(value => value?.Contains('\uFFFD', StringComparison.Ordinal) == true) ? "it contains U+FFFD, which stands for a character that was lost"
        : null;

    /// <summary>
    /// Returns the first line in a quoted cell that looks like a row, or null. An unclosed quote would match one in a later
    /// row, and the rows in between would be lost.
    /// </summary>
    private static int? LineOfRowInside(CsvRecord record, char separator, int width, int[] indexes, Func<IReadOnlyList<string?>, bool> isRow)
    {
        string[] lines = record.Text.Split(["\r\n", "\r", "\n"], StringSplitOptions.None);
        for (int i = 1; i < lines.Length; i++)
        {
            string[] cells = [.. lines[i].Split(separator).Select(cell => cell.Trim(' ', '\t', '"'))];
            if (cells.Length >= width && isRow(Values(cells, indexes)))
            {
                return record.Line + i;
            }
        }

        return null;
    }
}

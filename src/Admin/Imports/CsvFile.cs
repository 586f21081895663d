namespace Admin.Imports;

/// <summary>The lines of a CSV file, its columns named by the first one.</summary>
internal static class CsvFile
{
    /// <summary>All lines with data; wrong ones carry a fault.</summary>
    /// <exception cref="UnreadableFileException">The text as a whole can not be used.</exception>
    public static IReadOnlyList<CsvLine> Parse(string text, CsvColumns columns)
    {
        using IEnumerator<CsvRecord> records = CsvRecords.In(text).GetEnumerator();
        if (!records.MoveNext())
        {
            throw new UnreadableFileException("The file is empty: its first line must name its columns.");
        }

        int width = records.Current.Cells.Count;
        int[] indexes = Indexes(records.Current, columns);
        List<CsvLine> lines = [];
        while (records.MoveNext())
        {
            CsvRecord record = records.Current;
            if (LineOfRowInside(record, width, indexes, columns.IsRow) is { } swallowed)
            {
                throw new UnreadableFileException(
                    $"Line {record.Line} has a quoted cell that takes in line {swallowed}, which reads as a row of its own: close the quote before it ends line {swallowed - 1}, or take the row out of the cell.");
            }

            string?[] values = Values(record.Cells, indexes);
            lines.Add(new CsvLine(record.Line, values, Fault(record, values, width)));
        }

        return lines;
    }

    private static int[] Indexes(CsvRecord header, CsvColumns columns)
    {
        if (!header.QuotesMatch)
        {
            throw new UnreadableFileException($"The quotes in line {header.Line}, which names the columns, do not match: close each one.");
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
                throw new UnreadableFileException($"The first line must name a column {string.Join(" or ", group)}, and commas must separate columns.");
            }
        }

        return [.. columns.Names.Select(column => names.IndexOf(column.ToUpperInvariant()))];
    }

    private static string?[] Values(IReadOnlyList<string> cells, int[] indexes) =>
        [.. indexes.Select(index => index < 0 || index >= cells.Count || cells[index].Length == 0 ? null : cells[index])];

    private static string? Fault(CsvRecord record, string?[] values, int width) =>
        !record.QuotesMatch ? "the quotes do not match"
        : record.Text.Contains('\0', StringComparison.Ordinal) ? "it holds NUL characters, which no text has"
        : record.Cells.Count > width ? $"it has {record.Cells.Count} cells and the first line names {width} columns"
        : values.Any(value => value?.Contains('\uFFFD', StringComparison.Ordinal) == true) ? "it holds U+FFFD, which stands for a character that was lost"
        : null;

    /// <summary>
    /// A quote that somebody forgot may find its match in a later row: each line inside a cell that could be a row is
    /// taken for one.
    /// </summary>
    private static int? LineOfRowInside(CsvRecord record, int width, int[] indexes, Func<IReadOnlyList<string?>, bool> isRow)
    {
        string[] lines = record.Text.Split(["\r\n", "\r", "\n"], StringSplitOptions.None);
        for (int i = 1; i < lines.Length; i++)
        {
            string[] cells = [.. lines[i].Split(',').Select(cell => cell.Trim(' ', '\t', '"'))];
            if (cells.Length >= width && isRow(Values(cells, indexes)))
            {
                return record.Line + i;
            }
        }

        return null;
    }
}

/// <param name="Names">What is read; others are ignored.</param>
/// <param name="Required">Columns that the first line must name, one of each group.</param>
/// <param name="IsRow">Whether values by column name something: a text that does is a row, wherever it stands.</param>
internal sealed record CsvColumns(string[] Names, string[][] Required, Func<IReadOnlyList<string?>, bool> IsRow);

/// <param name="Number">In the file, of the line it begins in, counted from 1.</param>
/// <param name="Values">By column as they were asked for; null where nothing stands.</param>
/// <param name="Fault">Why it can not be taken for what its cells say, or null.</param>
internal sealed record CsvLine(int Number, IReadOnlyList<string?> Values, string? Fault);

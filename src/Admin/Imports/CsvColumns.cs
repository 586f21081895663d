namespace Admin.Imports;

/// <param name="Names">The columns to read; others are ignored.</param>
/// <param name="Required">Groups of columns; the first line must name at least one of each group.</param>
/// <param name="IsRow">Whether the values look like a row.</param>
internal sealed record CsvColumns(string[] Names, string[][] Required, Func<IReadOnlyList<string?>, bool> IsRow);

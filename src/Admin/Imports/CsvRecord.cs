namespace Admin.Imports;

/// <param name="Line">The line it begins in, counted from 1.</param>
/// <param name="Text">The record as written in the file.</param>
/// <param name="QuotesMatch">When false, the record is a single line and its cells are uncertain.</param>
internal sealed record CsvRecord(int Line, IReadOnlyList<string> Cells, string Text, bool QuotesMatch);

namespace Admin.Imports;

/// <param name="Number">The number of its first line, from 1.</param>
/// <param name="Values">In the order of <see cref="CsvColumns.Names"/>; null for an empty cell.</param>
/// <param name="Fault">Why the line cannot be used, or null.</param>
internal sealed record CsvLine(int Number, IReadOnlyList<string?> Values, string? Fault);

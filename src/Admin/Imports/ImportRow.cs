namespace Admin.Imports;

/// <summary>A line of a file to import.</summary>
/// <param name="Fault">Why it cannot be imported, or null. It does not repeat the line, which is personal data.</param>
/// <param name="Exists">Whether it is already stored.</param>
internal sealed record ImportRow<T>(int Line, T Value, string? Fault, bool Exists);

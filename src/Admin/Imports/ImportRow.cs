namespace Admin.Imports;

/// <summary>One line of a file to import.</summary>
/// <param name="Fault">Why it cannot be imported, or null. It does not repeat the line, which is personal.</param>
/// <param name="Exists">Whether storage has it already.</param>
internal sealed record ImportRow<T>(int Line, T Value, string? Fault, bool Exists);

namespace Admin.Imports;

/// <summary>One line of a file to import.</summary>
/// <param name="Fault">Why it can not be imported, or null. It does not repeat what the line says, which is personal.</param>
/// <param name="IsThere">Storage has it already.</param>
internal sealed record ImportRow<T>(int Line, T Value, string? Fault, bool IsThere);

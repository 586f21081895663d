namespace Admin.Output;

/// <summary>
/// Prevents spreadsheets from interpreting text as a formula: a cell that starts like one gets an apostrophe, which imports
/// remove.
/// </summary>
internal static class Formula
{
    private const char Apostrophe = '\'';

    private static readonly char[] Beginnings = ['=', '+', '-', '@'];

    public static string Defuse(string text) => IsFormula(text.TrimStart(Apostrophe)) ? Apostrophe + text : text;

    /// <summary>Reverses <see cref="Defuse"/>.</summary>
    public static string Restore(string cell) =>
        cell.StartsWith(Apostrophe) && IsFormula(cell.TrimStart(Apostrophe)) ? cell[1..] : cell;

    private static bool IsFormula(string text) => text.Length > 0 && Beginnings.Contains(text[0]);
}

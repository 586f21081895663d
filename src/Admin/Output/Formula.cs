namespace Admin.Output;

/// <summary>
/// Keeps spreadsheets from taking text for a formula: a cell that begins like one gets an apostrophe before it, which the
/// imports take away again.
/// </summary>
internal static class Formula
{
    private const char Apostrophe = '\'';

    private static readonly char[] Beginnings = ['=', '+', '-', '@'];

    public static string Defuse(string text) => IsFormula(text.TrimStart(Apostrophe)) ? Apostrophe + text : text;

    /// <summary>The text that <see cref="Defuse"/> was given.</summary>
    public static string Restore(string cell) =>
        cell.StartsWith(Apostrophe) && IsFormula(cell.TrimStart(Apostrophe)) ? cell[1..] : cell;

    private static bool IsFormula(string text) => text.Length > 0 && Beginnings.Contains(text[0]);
}

using Spectre.Console;

namespace Admin;

/// <summary>How a verb ended.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <param name="Result">What <c>--json</c> prints; its type is known to <see cref="AdminJson"/>.</param>
    /// <param name="Show">Prints the same for people.</param>
    public sealed record Done(object Result, Action<IAnsiConsole> Show) : Outcome;

    /// <param name="Sentence">Why, and what to do next.</param>
    public sealed record Refused(string Sentence) : Outcome;
}

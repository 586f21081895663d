using System.Collections;
using Spectre.Console;

namespace Admin.Output;

/// <summary>The result of a command.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <param name="Result">The object that <c>--json</c> prints; <see cref="AdminJson"/> must know its type.</param>
    /// <param name="Show">Prints the result as text.</param>
    /// <param name="ExitCode">Not 0 if the command ran and found a problem.</param>
    /// <param name="Sentences">What to do about it, for standard error.</param>
    public sealed record Done(
        object Result, Action<IAnsiConsole> Show, int ExitCode = Output.ExitCode.Done, params string[] Sentences) : Outcome
    {
        /// <summary>The rows that <c>--csv</c> prints: the result, or the list in it.</summary>
        public IList Rows { get; init; } = Result as IList ?? Array.Empty<object>();
    }

    /// <param name="Sentence">Why, and what to do next.</param>
    public sealed record Refused(string Sentence) : Outcome;
}

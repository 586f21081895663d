using System.Collections;
using Spectre.Console;

namespace Admin.Output;

/// <summary>How a command ended.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <param name="Result">What <c>--json</c> prints; its type is known to <see cref="AdminJson"/>.</param>
    /// <param name="Show">Prints the same as text.</param>
    /// <param name="ExitCode">Other than 0 when the command ran and found something wrong.</param>
    /// <param name="Sentences">What to do about it, for standard error.</param>
    public sealed record Done(
        object Result, Action<IAnsiConsole> Show, int ExitCode = Output.ExitCode.Done, params string[] Sentences) : Outcome
    {
        /// <summary>What <c>--csv</c> prints: the result, or the list in it.</summary>
        public IList Rows { get; init; } = Result as IList ?? Array.Empty<object>();
    }

    /// <param name="Sentence">Why, and what to do next.</param>
    public sealed record Refused(string Sentence) : Outcome;
}

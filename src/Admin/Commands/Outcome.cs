using Spectre.Console;

namespace Admin.Commands;

/// <summary>How a verb ended.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <param name="Result">What <c>--json</c> prints; its type is known to <see cref="AdminJson"/>.</param>
    /// <param name="Show">Prints the same for people.</param>
    /// <param name="ExitCode">Other than 0 when the verb has something to say and yet not all is well.</param>
    /// <param name="Sentences">What to do about it, for standard error.</param>
    public sealed record Done(
        object Result, Action<IAnsiConsole> Show, int ExitCode = Admin.ExitCode.Done, params string[] Sentences) : Outcome;

    public static Outcome Kept { get; } = new Refused("Nothing was changed.");

    /// <param name="Sentence">Why, and what to do next.</param>
    public sealed record Refused(string Sentence) : Outcome;
}

using System.CommandLine;
using Admin.Output;

namespace Admin.Arguments;

/// <summary>The option <c>--yes</c>, for commands that ask for confirmation.</summary>
internal sealed class Confirm : Option<bool>
{
    private Confirm()
        : base("--yes", "-y") => Description = "Do not ask for confirmation; required without a terminal.";

    private static bool HasTerminal => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Adds the option to a command, which then requires it if there is no terminal to confirm on.</summary>
    /// <param name="consequence">What the command does, for example "deletes data".</param>
    public static Confirm AddTo(Command command, string consequence)
    {
        Confirm confirm = new();
        command.Add(confirm);
        command.Validators.Add(result =>
        {
            if (!HasTerminal && result.GetResult(confirm) is null)
            {
                result.AddError($"This command {consequence} and there is no terminal to confirm on: pass --yes.");
            }
        });
        return confirm;
    }

    /// <summary>Returns whether to continue: if <c>--yes</c> was passed, or the answer on the terminal is yes.</summary>
    public async Task<bool> GivenAsync(ParseResult arguments, string question, CancellationToken cancellationToken) =>
        arguments.GetValue(this)
        || (await AskAsync($"{question} [y/N] ", cancellationToken))?.ToUpperInvariant() is "Y" or "YES";

    /// <summary>Returns whether to continue: if <c>--yes</c> was passed, or the expected text is typed on the terminal.</summary>
    public async Task<bool> TypedAsync(ParseResult arguments, string question, string expected, CancellationToken cancellationToken) =>
        arguments.GetValue(this) || await AskAsync(question, cancellationToken) == expected;

    private static async Task<string?> AskAsync(string question, CancellationToken cancellationToken)
    {
        Console.Error.Write(question);
        try
        {
            return (await StandardStreams.ReadAsync(Console.ReadLine, cancellationToken))?.Trim();
        }
        catch (InterruptedException)
        {
            // Start a new line for the message that follows.
            Console.Error.WriteLine();
            throw;
        }
    }
}

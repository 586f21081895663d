using System.CommandLine;

namespace Admin;

/// <summary>Answers the question that a verb asks before it takes something away.</summary>
internal sealed class YesOption : Option<bool>
{
    public YesOption()
        : base("--yes", "-y") => Description = "Do not ask first; needed where nobody can be asked.";

    private static bool NobodyCanBeAsked => Console.IsInputRedirected || Console.IsErrorRedirected;

    /// <summary>Adds it to a command, which is then refused where the question could not be answered.</summary>
    public static YesOption AddTo(Command command)
    {
        YesOption yes = new();
        command.Add(yes);
        command.Validators.Add(result =>
        {
            if (NobodyCanBeAsked && result.GetResult(yes) is null)
            {
                result.AddError("This takes something away and nobody can be asked: give --yes.");
            }
        });
        return yes;
    }

    /// <summary>Whether to go on: yes was given beforehand, or is the answer now.</summary>
    public async Task<bool> GivenAsync(ParseResult arguments, string question, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(this))
        {
            return true;
        }

        Console.Error.Write($"{question} [y/N] ");
        try
        {
            string? answer = await StandardStreams.ReadAsync(Console.ReadLine, cancellationToken);
            return answer?.Trim().ToUpperInvariant() is "Y" or "YES";
        }
        catch (InterruptedException)
        {
            // What follows has a line of its own.
            Console.Error.WriteLine();
            throw;
        }
    }
}

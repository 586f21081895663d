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
    public bool Given(ParseResult arguments, string question)
    {
        if (arguments.GetValue(this))
        {
            return true;
        }

        Console.Error.Write($"{question} [y/N] ");
        return Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}

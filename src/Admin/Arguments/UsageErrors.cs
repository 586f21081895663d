using System.CommandLine;
using System.CommandLine.Parsing;
using Admin.Output;

namespace Admin.Arguments;

/// <summary>Reports invalid arguments, and names the help that describes them.</summary>
internal static class UsageErrors
{
    public static int Report(ParseResult arguments)
    {
        Command command = arguments.CommandResult.Command;
        foreach (string message in command.Subcommands.Count > 0 && arguments.UnmatchedTokens is [var verb, ..]
            ? [Mistyped(verb, command.Subcommands.Select(one => one.Name))]
            : arguments.Errors.Select(error => error.Message).Distinct())
        {
            Console.Error.WriteLine(message);
        }

        Console.Error.WriteLine($"See '{Path(arguments.CommandResult)} --help'.");
        return ExitCode.Usage;
    }

    /// <summary>Reports an unknown verb; the words after it are ignored.</summary>
    private static string Mistyped(string verb, IEnumerable<string> verbs)
    {
        string? meant = verbs.MinBy(one => Distance(verb, one));
        return $"Unrecognized command or argument '{verb}'."
            + (meant is not null && Distance(verb, meant) <= Math.Max(1, meant.Length / 3) ? $" Did you mean '{meant}'?" : "");
    }

    /// <summary>Optimal string alignment: letters to add, drop, change or swap with their neighbor.</summary>
    private static int Distance(string one, string other)
    {
        int[,] least = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int j = 0; j <= other.Length; j++)
            {
                least[i, j] = i == 0 || j == 0 ? i + j : Least(i, j);
            }
        }

        return least[one.Length, other.Length];

        int Least(int i, int j)
        {
            int change = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]) ? 0 : 1;
            int found = Math.Min(Math.Min(least[i - 1, j], least[i, j - 1]) + 1, least[i - 1, j - 1] + change);
            bool swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
            return swapped ? Math.Min(found, least[i - 2, j - 2] + 1) : found;
        }
    }

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : command.Command.Name;
}

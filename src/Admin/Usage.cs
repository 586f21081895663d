using System.CommandLine;
using System.CommandLine.Parsing;

namespace Admin;

/// <summary>Says what is wrong with the arguments, and where to read what they may be.</summary>
internal static class Usage
{
    public static int Refuse(ParseResult arguments)
    {
        foreach (string message in arguments.Errors.Select(error => error.Message).Distinct())
        {
            Console.Error.WriteLine(message);
        }

        Console.Error.WriteLine($"See '{Path(arguments.CommandResult)} --help'.");
        return ExitCode.Usage;
    }

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : command.Command.Name;
}

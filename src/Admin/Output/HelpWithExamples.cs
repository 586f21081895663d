using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Admin.Output;

/// <summary>Help with examples at the end, on every level.</summary>
internal sealed class Help(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, string[]> Examples = [];

    /// <summary>For the root command and those under it.</summary>
    public static void ShowExamples(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new Help((HelpAction)option.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = help.Invoke(parseResult);
        if (Examples.TryGetValue(parseResult.CommandResult.Command, out string[]? examples))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(examples.Length == 1 ? "Example:" : "Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  {parseResult.RootCommandResult.Command.Name} {example}");
            }

            output.WriteLine();
        }

        return exitCode;
    }

    internal static Command With(Command command, string[] examples)
    {
        Examples.Add(command, examples);
        return command;
    }
}

internal static class HelpExamples
{
    /// <param name="examples">Each without the name of the program.</param>
    public static Command WithExamples(this Command command, params string[] examples) => Help.With(command, examples);
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Admin.Output;

/// <summary>Adds examples at the end of each command's help.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, string[]> Examples = [];

    /// <summary>Enables the examples for the root command and all its subcommands.</summary>
    public static void Enable(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }

    public static void Add(Command command, string[] examples) => Examples.Add(command, examples);

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
}

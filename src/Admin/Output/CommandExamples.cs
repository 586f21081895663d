using System.CommandLine;

namespace Admin.Output;

internal static class CommandExamples
{
    /// <param name="examples">Each without the name of the program.</param>
    public static Command WithExamples(this Command command, params string[] examples)
    {
        HelpWithExamples.Add(command, examples);
        return command;
    }
}

using System.CommandLine;
using System.CommandLine.Invocation;
using Admin;
using Admin.Arguments;
using Admin.Commands;
using Admin.Output;

StandardStreams.Guard();
try
{
    if (args.Any(argument => !ValueParser.IsWholeText(argument)))
    {
        Console.Error.WriteLine("An argument is not valid UTF-8, or contains U+FFFD: type it again, in a terminal or script that uses UTF-8.");
        return ExitCode.Usage;
    }

    // A value that starts with @ does not name a response file.
    ParseResult arguments = CommandLineDefinition.Define().Parse(
        args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
    return arguments.Action is ParseErrorAction
        ? UsageErrors.Report(arguments)
        : await arguments.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // After Ctrl-C, an import waits for the requests it has sent.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
        });
}
catch (OutputException exception)
{
    Console.Error.WriteLine(CommandRunner.OutputFailed(exception.Message));
    return ExitCode.Output;
}
catch (Exception bug)
{
    // Omit the message, which may contain personal data.
    Console.Error.WriteLine($"This is a bug in license-admin: report it with these lines.\n{bug.GetType()}\n{bug.StackTrace}");
    return ExitCode.Defect;
}

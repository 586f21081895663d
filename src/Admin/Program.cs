using System.CommandLine;
using System.CommandLine.Invocation;
using Admin;
using Admin.Verbs;

StandardStreams.Guard();
RootCommand root = new("""
    Operates the license assignment API: platforms, their API keys, licenses, users and assignments.

    Storage is named by --endpoint, or by Tables__ConnectionString, or by Tables__Endpoint (and Tables__ClientId for a
    managed identity), with an optional Tables__Prefix: in the environment, or in "Values" of local.settings.json in
    the current directory; the environment wins. A verb that changes something first says on standard error where.

    Exit codes: 0 done; 1 asked and found wrong: refused, faulty, or violations that remain; 2 wrong usage;
    3 storage out of reach or settings wrong; 4 standard output cannot be written, standard error says whether a change
    was made; 70 a defect of this program; 130 interrupted.
    """)
{
    new Command("platform", "Customers' platforms.")
    {
        PlatformCreate.Command(), PlatformList.Command(), PlatformShow.Command(), PlatformSuspend.Command(), PlatformResume.Command(),
    }.WithExamples("platform create acme --org 'Acme Inc'", "platform show acme"),
    new Command("key", "API keys of a platform.")
    {
        KeyCreate.Command(), KeyList.Command(), KeyRevoke.Command(),
    }.WithExamples("key create acme --name enrolment --expires 2031-01-01", "key list acme"),
    new Command("license", "Licenses of a platform.")
    {
        LicenseCreate.Command(), LicenseUpdate.Command(), LicenseList.Command(), LicenseShow.Command(),
    }.WithExamples("license create acme --name Algebra --seats 30", "license list acme"),
    new Command("user", "Users of a platform.")
    {
        UserAdd.Command(), UserUpdate.Command(), UserImport.Command(), UserList.Command(), UserRemove.Command(),
    }.WithExamples("user import acme people.csv", "user add acme --username ada --email ada@example.org"),
    new Command("assignment", "Assignments of a platform's licenses to its users.")
    {
        AssignmentAdd.Command(),
        AssignmentImport.Command(),
        AssignmentRemove.Command(),
        AssignmentList.Command(),
        AssignmentHistory.Command(),
    }.WithExamples("assignment import acme --license 1 class.csv", "assignment history acme --email ada@example.org"),
    Verify.Command(),
    Backup.Command(),
    Restore.Command(),
    VerbCommand.Endpoint,
};
root.WithExamples("platform create acme", "license list acme", "verify --json", "platform list --endpoint https://account.table.core.windows.net");
Help.ShowExamples(root);

try
{
    if (args.Any(argument => !Input.IsWholeText(argument)))
    {
        Console.Error.WriteLine("An argument is not text in UTF-8, or holds U+FFFD: write it anew, in a terminal or script in UTF-8.");
        return ExitCode.Usage;
    }

    // A value that begins with @ is a value, not a file of arguments.
    ParseResult arguments = root.Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    return arguments.Action is ParseErrorAction
        ? Usage.Refuse(arguments)
        : await arguments.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // Ctrl-C lets an import finish what it has sent.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
        });
}
catch (OutputException exception)
{
    Console.Error.WriteLine(VerbCommand.Unwritten(exception.Message));
    return ExitCode.Output;
}
catch (Exception defect)
{
    // Without its message, which may quote what is personal.
    Console.Error.WriteLine($"This is a defect of license-admin: report it with these lines.\n{defect.GetType()}\n{defect.StackTrace}");
    return ExitCode.Defect;
}

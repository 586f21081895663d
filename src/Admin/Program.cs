using System.CommandLine;
using System.CommandLine.Invocation;
using Admin;
using Admin.Verbs;

RootCommand root = new("""
    Provisions the license assignment API: platforms, their API keys, licenses and users.

    Storage is named by Tables__ConnectionString, or by Tables__Endpoint (and Tables__ClientId for a managed
    identity), with an optional Tables__Prefix: in the environment, or in "Values" of local.settings.json in the
    current directory; the environment wins.

    Exit codes: 0 done; 1 asked and found wrong: refused, or violations that remain; 2 wrong usage;
    3 storage out of reach or settings wrong; 130 interrupted.
    """)
{
    new Command("platform", "Customers' platforms.") { PlatformCreate.Command() },
    new Command("key", "API keys of a platform.") { KeyCreate.Command() },
    new Command("license", "Licenses of a platform.") { LicenseCreate.Command() },
    new Command("user", "Users of a platform.") { UserAdd.Command() },
    new Command("assignment", "Assignments of a platform.") { AssignmentList.Command(), AssignmentHistory.Command() },
    Verify.Command(),
    Backup.Command(),
    Restore.Command(),
};

// A value that begins with @ is a value, not a file of arguments.
ParseResult arguments = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

return arguments.Action is ParseErrorAction
    ? Usage.Refuse(arguments)
    : await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

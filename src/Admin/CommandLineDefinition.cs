using System.CommandLine;
using Admin.Commands;
using Admin.Commands.Assignments;
using Admin.Commands.Keys;
using Admin.Commands.Licenses;
using Admin.Commands.Platforms;
using Admin.Commands.Storage;
using Admin.Commands.Users;
using Admin.Output;

namespace Admin;

/// <summary>All commands, by noun.</summary>
internal static class CommandLineDefinition
{
    private const string Description = """
        Administers the license assignment API: platforms, API keys, licenses, users and assignments.

        Storage is selected by --endpoint, or by the settings Tables__ConnectionString, or Tables__Endpoint (and
        Tables__ClientId for a managed identity), with an optional Tables__Prefix. Settings are read from the environment,
        then from "Values" in local.settings.json in the current directory. Before a command changes storage, it names
        the storage on standard error.

        Exit codes: 0 success; 1 refused, invalid input, or violations found; 2 invalid usage; 3 storage unavailable or
        settings invalid; 4 standard output cannot be written (standard error says whether a change was made); 5 licenses
        need attention; 70 a bug in this program; 130 interrupted.
        """;

    public static RootCommand Define()
    {
        RootCommand root = new(Description)
        {
            Platform(),
            Key(),
            License(),
            User(),
            Assignment(),
            HistoryCommand.Define(),
            VerifyCommand.Define(),
            BackupCommand.Define(),
            RestoreCommand.Define(),
            BenchCommand.Define(),
            CommandRunner.Endpoint,
        };
        root.WithExamples("platform create acme", "license list acme", "verify --json", "platform list --endpoint https://account.table.core.windows.net");
        HelpWithExamples.Enable(root);
        return root;
    }

    private static Command Platform() =>
        new Command("platform", "Manages platforms: the customers of the API.")
        {
            PlatformCreateCommand.Define(),
            PlatformListCommand.Define(),
            PlatformShowCommand.Define(),
            PlatformSuspendCommand.Define(),
            PlatformResumeCommand.Define(),
            PlatformUpdateCommand.Define(),
            PlatformRemoveCommand.Define(),
        }.WithExamples("platform create acme --org 'Acme Inc'", "platform show acme");

    private static Command Key() =>
        new Command("key", "Manages a platform's API keys.")
        {
            KeyCreateCommand.Define(), KeyListCommand.Define(), KeyRevokeCommand.Define(),
        }.WithExamples("key create acme --name enrolment --expires 2031-01-01", "key list acme");

    private static Command License() =>
        new Command("license", "Manages a platform's licenses.")
        {
            LicenseCreateCommand.Define(),
            LicenseUpdateCommand.Define(),
            LicenseListCommand.Define(),
            LicenseShowCommand.Define(),
            LicenseRemoveCommand.Define(),
            LicenseHistoryCommand.Define(),
            LicenseUsageCommand.Define(),
        }.WithExamples("license create acme --name Algebra --seats 30", "license list acme");

    private static Command User() =>
        new Command("user", "Manages a platform's users.")
        {
            UserAddCommand.Define(),
            UserUpdateCommand.Define(),
            UserImportCommand.Define(),
            UserListCommand.Define(),
            UserShowCommand.Define(),
            UserRemoveCommand.Define(),
        }.WithExamples("user import acme people.csv", "user add acme --username ada --email ada@example.org");

    private static Command Assignment() =>
        new Command("assignment", "Manages assignments of licenses to users.")
        {
            AssignmentAddCommand.Define(),
            AssignmentImportCommand.Define(),
            AssignmentSyncCommand.Define(),
            AssignmentRemoveCommand.Define(),
            AssignmentListCommand.Define(),
            AssignmentHistoryCommand.Define(),
        }.WithExamples("assignment import acme --license 1 class.csv", "assignment history acme --email ada@example.org");
}

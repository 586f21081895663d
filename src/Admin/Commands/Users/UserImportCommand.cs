using System.CommandLine;
using Admin.Arguments;
using Admin.Imports;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Commands.Users;

internal sealed class UserImportCommand(UserStore users, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Command command = new("import", "Adds the users in a CSV file: columns username, and email, id or both. Existing users are not changed.") { platform };
        ImportArguments import = ImportArguments.AddTo(command);
        return command
            .WithExamples("user import acme people.csv", "user import acme people.csv --dry-run", "generate-people | license-admin user import acme -")
            .RunsOn<UserImportCommand>(
                platform,
                (run, arguments, platform, cancellationToken) => run.RunAsync(platform, import.In(arguments), cancellationToken),
                import.Writes);
    }

    private async Task<Outcome> RunAsync(Platform platform, ImportRequest import, CancellationToken cancellationToken)
    {
        using CsvFile file = await CsvFile.OpenAsync(import.Path, UserCsv.Columns, cancellationToken);
        KnownUsers existing = await Terminal.ShowingAsync("Reading users", report => KnownUsers.ReadAsync(users, platform.Key, report, cancellationToken));
        IEnumerable<ImportRow<NewUser>> Check() => UserCsv.Check(file.Lines(), existing);
        HashSet<long> named = [.. Check().Where(row => row.Value.Id is not null).Select(row => row.Value.Id!.Value)];
        ImportRun run = new(import, platform, LicenseId: null, "user", UserWriter.Limits, time);
        return await run.RunAsync(Check, new UserWriter(users, platform, named).AddAsync, cancellationToken);
    }
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Imports;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Commands.Users;

internal sealed class UserImportCommand(UserStore users)
{
    /// <summary>A transaction holds 100 rows; half of that ends soon enough when the command is interrupted.</summary>
    private static readonly BatchLimits Limits = new(Size: 50, AtOnce: 4);

    public static Command Define()
    {
        PlatformArgument platform = new();
        Command command = new("import", "Adds the users of a CSV file: columns username, and email or id or both. Existing users are not changed.") { platform };
        ImportArguments import = ImportArguments.AddTo(command);
        return command
            .WithExamples("user import acme people.csv", "user import acme people.csv --dry-run", "generate-people | license-admin user import acme -")
            .RunsOn<UserImportCommand>(
                platform,
                (run, arguments, owner, cancellationToken) => run.RunAsync(owner, import.In(arguments), cancellationToken),
                import.Writes);
    }

    private async Task<Outcome> RunAsync(Platform owner, ImportRequest import, CancellationToken cancellationToken)
    {
        IReadOnlyList<ImportRow<NewUser>> rows;
        try
        {
            IReadOnlyList<CsvLine> lines = await CsvFile.ReadAsync(import.Path, UserCsv.Columns, cancellationToken);
            rows = await Terminal.ShowingAsync("Checking the file", async _ => UserCsv.Check(
                lines,
                await users.OfPlatformAsync(owner.Key, cancellationToken).ToListAsync(cancellationToken)));
        }
        catch (UnreadableFileException unreadable)
        {
            return new Outcome.Refused(unreadable.Message);
        }

        HashSet<long> named = [.. rows.Where(row => row.Value.Id is not null).Select(row => row.Value.Id!.Value)];
        ImportRun run = new(import, owner, LicenseId: null, "users", Limits);
        return await run.RunAsync(rows, (batch, triedBefore) => AddAsync(owner, batch, named, triedBefore), cancellationToken);
    }

    private async Task<IReadOnlyList<RowResult>> AddAsync(
        Platform owner, IReadOnlyList<NewUser> batch, IReadOnlySet<long> named, bool triedBefore)
    {
        IReadOnlyList<AddUserOutcome> outcomes = await users.AddGroupAsync(owner.Key, batch, named, CancellationToken.None);
        List<RowResult> results = [];
        foreach ((NewUser user, AddUserOutcome outcome) in batch.Zip(outcomes))
        {
            results.Add(await ResultAsync(owner, user, outcome, triedBefore));
        }

        return results;
    }

    private async Task<RowResult> ResultAsync(Platform owner, NewUser wanted, AddUserOutcome outcome, bool triedBefore)
    {
        if (outcome is AddUserOutcome.Added)
        {
            return new RowResult.Added();
        }

        if (outcome is AddUserOutcome.AlreadyThere || await ExistsAsync(owner, wanted))
        {
            // An earlier try, whose reply was lost, may have added the user.
            return triedBefore ? new RowResult.Added() : new RowResult.Existed();
        }

        return new RowResult.Rejected(outcome is AddUserOutcome.IdTaken
            ? "another user was given this id in the meantime"
            : "another user was given this e-mail address in the meantime");
    }

    private async Task<bool> ExistsAsync(Platform owner, NewUser wanted)
    {
        User? found = wanted.Email is { } email
            ? await users.FindAsync(owner.Key, email, CancellationToken.None)
            : await users.FindAsync(owner.Key, wanted.Id!.Value, CancellationToken.None);
        return found is not null
            && (found.Username, found.Email) == (wanted.Username, wanted.Email)
            && (wanted.Id is null || wanted.Id == found.Id);
    }
}

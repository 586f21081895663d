using System.CommandLine;
using Admin.Imports;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Admin.Verbs;

internal static class UserImport
{
    /// <summary>An entity group transaction takes 100 rows; half of that ends soon enough when the command is interrupted.</summary>
    private static readonly ImportBatches Batches = new(Size: 50, AtOnce: 4);

    public static Command Command()
    {
        PlatformArgument platform = new();
        Command command = new("import", "Adds the users of a CSV file: columns username, and email or id or both. Whoever is there is left alone.") { platform };
        Import import = new();
        import.AddTo(command);
        return command
            .WithExamples("user import acme people.csv", "user import acme people.csv --dry-run", "generate-people | license-admin user import acme -")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    UserStore users = services.GetRequiredService<UserStore>();
                    IReadOnlyList<ImportRow<NewUser>> rows;
                    try
                    {
                        IReadOnlyList<CsvLine> lines = await import.ReadAsync(arguments, UserRows.Columns, cancellationToken);
                        rows = await Terminal.ShowingAsync("Checking the file", async _ => UserRows.Check(
                            lines,
                            await users.OfPlatformAsync(owner.Key, cancellationToken).ToListAsync(cancellationToken)));
                    }
                    catch (UnreadableFileException unreadable)
                    {
                        return new Outcome.Refused(unreadable.Message);
                    }

                    HashSet<long> named = [.. rows.Where(row => row.Value.Id is not null).Select(row => row.Value.Id!.Value)];
                    return await import.RunAsync(
                        arguments,
                        owner,
                        licenseId: null,
                        "users",
                        rows,
                        Batches,
                        async (batch, triedBefore) =>
                        {
                            IReadOnlyList<AddUserOutcome> outcomes = await users.AddGroupAsync(owner.Key, batch, named, CancellationToken.None);
                            List<RowEnd> ends = [];
                            foreach ((NewUser user, AddUserOutcome outcome) in batch.Zip(outcomes))
                            {
                                ends.Add(await EndAsync(users, owner, user, outcome, triedBefore));
                            }

                            return ends;
                        },
                        cancellationToken);
                },
                import.Changes);
    }

    private static async Task<RowEnd> EndAsync(
        UserStore users, Platform owner, NewUser wanted, AddUserOutcome outcome, bool triedBefore)
    {
        if (outcome is AddUserOutcome.Added)
        {
            return new RowEnd.Added();
        }

        if (outcome is AddUserOutcome.AlreadyThere || await IsThereAsync(users, owner, wanted))
        {
            // A try whose reply was lost may have added the user.
            return triedBefore ? new RowEnd.Added() : new RowEnd.AlreadyThere();
        }

        return new RowEnd.Refused(outcome is AddUserOutcome.IdTaken
            ? "another user was given this id meanwhile"
            : "another user was given this e-mail address meanwhile");
    }

    private static async Task<bool> IsThereAsync(UserStore users, Platform owner, NewUser wanted)
    {
        User? found = wanted.Email is { } email
            ? await users.FindAsync(owner.Key, email, CancellationToken.None)
            : await users.FindAsync(owner.Key, wanted.Id!.Value, CancellationToken.None);
        return found is not null
            && (found.Username, found.Email) == (wanted.Username, wanted.Email)
            && (wanted.Id is null || wanted.Id == found.Id);
    }
}

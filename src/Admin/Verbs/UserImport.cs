using System.CommandLine;
using Admin.Imports;
using Assignments;
using Microsoft.Extensions.DependencyInjection;

namespace Admin.Verbs;

internal static class UserImport
{
    /// <summary>An entity group transaction takes 100 rows.</summary>
    private static readonly ImportBatches Batches = new(Size: 100, AtOnce: 4);

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
                async (arguments, services, owner, cancellation) =>
                {
                    UserStore users = services.GetRequiredService<UserStore>();
                    IReadOnlyList<ImportRow<NewUser>> rows;
                    try
                    {
                        IReadOnlyList<CsvLine> lines = await import.ReadAsync(arguments, UserRows.Columns, cancellation);
                        rows = await Terminal.ShowingAsync("Checking the file", async _ => UserRows.Check(
                            lines,
                            await users.OfPlatformAsync(owner.Key, cancellation).ToListAsync(cancellation)));
                    }
                    catch (UnreadableFileException unreadable)
                    {
                        return new Outcome.Refused(unreadable.Message);
                    }

                    return await import.RunAsync(
                        arguments,
                        owner,
                        licenseId: null,
                        "users",
                        rows,
                        Batches,
                        async (batch, triedBefore) =>
                        {
                            IReadOnlyList<AddUserOutcome> outcomes = await users.AddGroupAsync(owner.Key, batch, CancellationToken.None);
                            List<string?> faults = [];
                            foreach ((NewUser user, AddUserOutcome outcome) in batch.Zip(outcomes))
                            {
                                string? fault = Fault(outcome);
                                faults.Add(fault is not null && triedBefore && await IsThereAsync(users, owner, user) ? null : fault);
                            }

                            return faults;
                        },
                        cancellation);
                },
                import.Changes);
    }

    /// <summary>A try whose reply was lost may have added the user.</summary>
    private static async Task<bool> IsThereAsync(UserStore users, Platform owner, NewUser wanted)
    {
        User? found = wanted.Email is { } email
            ? await users.FindAsync(owner.Key, email, CancellationToken.None)
            : await users.FindAsync(owner.Key, wanted.Id!.Value, CancellationToken.None);
        return found is not null
            && (found.Username, found.Email) == (wanted.Username, wanted.Email)
            && (wanted.Id is null || wanted.Id == found.Id);
    }

    private static string? Fault(AddUserOutcome outcome) => outcome switch
    {
        AddUserOutcome.Added => null,
        AddUserOutcome.IdTaken => "another user was given this id meanwhile",
        _ => "another user was given this e-mail address meanwhile",
    };
}

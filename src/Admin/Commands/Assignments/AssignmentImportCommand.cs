using System.CommandLine;
using Admin.Arguments;
using Admin.Imports;
using Admin.Output;
using Licensing;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentImportCommand(
    LicenseStore licenses, UserStore users, AssignmentStore assignments, AssignmentService service, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        LicenseOption license = new();
        Command command = new("import", "Assigns a license to the users in a CSV file: columns email or user_id, and optionally active and fulfilled. Existing assignments are not changed.")
        {
            platform, license,
        };
        Option<bool> createUsers = new("--create-users") { Description = "Add users whose e-mail address is unknown; their names are in the column username, or else their addresses." };
        command.Add(createUsers);
        ImportArguments import = ImportArguments.AddTo(command);
        return command
            .WithExamples("assignment import acme --license 1 class.csv", "assignment import acme --license 1 class.csv --dry-run")
            .RunsOn<AssignmentImportCommand>(
                platform,
                (run, arguments, platform, cancellationToken) => run.RunAsync(
                    platform, license.IdIn(arguments), import.In(arguments), arguments.GetValue(createUsers), cancellationToken),
                import.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, long licenseId, ImportRequest import, bool createUsers, CancellationToken cancellationToken)
    {
        if (await licenses.FindAsync(platform.Key, licenseId, cancellationToken) is not { } license)
        {
            return Refusals.NoLicense(platform, licenseId);
        }

        if (platform.Suspended)
        {
            return Refusals.PlatformSuspended(platform);
        }

        using CsvFile file = await CsvFile.OpenAsync(import.Path, AssignmentCsv.Columns, cancellationToken);
        (KnownUsers known, HashSet<long> assigned) = await Terminal.ShowingAsync("Reading users", async report =>
            (await KnownUsers.ReadAsync(users, platform.Key, report, cancellationToken),
             await AssignedAsync(platform, licenseId, report, cancellationToken)));
        Dictionary<int, string> faultsOfUsers = createUsers ? AddStandIns(file, known) : [];
        // Each enumeration reads the file again, so that its rows are not kept in memory.
        IEnumerable<ImportRow<NewAssignment>> Check() => AssignmentCsv.Check(file.Lines(), known, assigned)
            .Select(row => row with { Fault = row.Fault ?? faultsOfUsers.GetValueOrDefault(row.Line) });
        HashSet<int> faulty = [.. Check().Where(row => row.Fault is not null).Select(row => row.Line)];
        IEnumerable<ImportRow<NewUser>> NewUsers() => AssignmentCsv.NewUsers(file.Lines(), known).Where(user => !faulty.Contains(user.Line));
        if (!import.SkipInvalid && WhyTheyDoNotFit(license, Check()) is { } refusal)
        {
            return new Outcome.Refused(refusal);
        }

        int newUsers = createUsers ? NewUsers().Count() : 0;
        ImportRun run = new(import, platform, licenseId, "assignment", AssignmentWriter.Limits, time) { UsersAdded = createUsers ? newUsers : null };
        if (newUsers > 0 && !import.DryRun && (import.SkipInvalid || faulty.Count == 0))
        {
            run = run with { UsersAdded = await AddUsersAsync(run, NewUsers(), newUsers, platform, cancellationToken) };
            known = await Terminal.ShowingAsync("Reading users", report => KnownUsers.ReadAsync(users, platform.Key, report, cancellationToken));
        }

        AssignmentWriter writer = new(service, platform);
        return await run.RunAsync(Check, (batch, triedBefore) => writer.PutAsync(licenseId, batch[0], triedBefore), cancellationToken);
    }

    /// <summary>Adds the new users with negative ids, until they have real ones.</summary>
    /// <returns>Why users cannot be added, by line.</returns>
    private static Dictionary<int, string> AddStandIns(CsvFile file, KnownUsers known)
    {
        Dictionary<int, string> faults = [];
        long standIn = 0;
        foreach (ImportRow<NewUser> user in AssignmentCsv.NewUsers(file.Lines(), known))
        {
            known.Add(--standIn, user.Value.Email);
            if (user.Fault is not null)
            {
                faults.Add(user.Line, user.Fault);
            }
        }

        return faults;
    }

    /// <returns>The number of users added.</returns>
    private async Task<int> AddUsersAsync(
        ImportRun run, IEnumerable<ImportRow<NewUser>> added, int total, Platform platform, CancellationToken cancellationToken)
    {
        using ImportProgress progress = new();
        await (run with { Thing = "user", Limits = UserWriter.Limits }).WriteAsync(
            "Importing", added, total, new UserWriter(users, platform, new HashSet<long>()).AddAsync, progress, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return progress.Added;
    }

    private async Task<HashSet<long>> AssignedAsync(Platform platform, long licenseId, Action<string> report, CancellationToken cancellationToken) =>
        await assignments.OfPlatformAsync(platform.Key, cancellationToken).Reporting("Reading assignments", report)
            .Where(assignment => assignment.LicenseId == licenseId)
            .Select(assignment => assignment.UserId)
            .ToHashSetAsync(cancellationToken: cancellationToken);

    /// <summary>Returns why the license does not have seats for all rows now, or null.</summary>
    private string? WhyTheyDoNotFit(License license, IEnumerable<ImportRow<NewAssignment>> rows)
    {
        int wanted = rows.Count(row => row is { Fault: null, Exists: false, Value.Active: true });
        return wanted == 0 ? null
            : (license with { SeatsUsed = 0 }).RefusesSeat(time.GetUtcNow()) is { } refusal and not Refusal.SeatsExhausted
                ? Refusals.WhyNoSeat(license.Id, refusal)
            : license.Seats is { } seats && seats - license.SeatsUsed < wanted
                ? $"License {license.Id} has {Refusals.FreeSeats(license, seats)} and the file needs {wanted}: raise --seats with 'license update', or pass --skip-invalid to assign as many as fit."
            : null;
    }
}

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
        Command command = new("import", "Assigns a license to the users of a CSV file: columns email or user_id, and active and fulfilled. Existing assignments are not changed.")
        {
            platform, license,
        };
        Option<bool> createUsers = new("--create-users") { Description = "Add users whose e-mail address nobody has yet, named by the column username or by their address." };
        command.Add(createUsers);
        ImportArguments import = ImportArguments.AddTo(command);
        return command
            .WithExamples("assignment import acme --license 1 class.csv", "assignment import acme --license 1 class.csv --dry-run")
            .RunsOn<AssignmentImportCommand>(
                platform,
                (run, arguments, owner, cancellationToken) => run.RunAsync(
                    owner, license.IdIn(arguments), import.In(arguments), arguments.GetValue(createUsers), cancellationToken),
                import.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform owner, long licenseId, ImportRequest import, bool createUsers, CancellationToken cancellationToken)
    {
        if (await licenses.FindAsync(owner.Key, licenseId, cancellationToken) is not { } license)
        {
            return Refusals.NoLicense(owner, licenseId);
        }

        if (owner.Suspended)
        {
            return Refusals.PlatformSuspended(owner);
        }

        IReadOnlyList<CsvLine> lines = await CsvFile.ReadAsync(import.Path, AssignmentCsv.Columns, cancellationToken);

        List<User> existing = await users.OfPlatformAsync(owner.Key, cancellationToken).ToListAsync(cancellationToken);
        IReadOnlyList<ImportRow<NewUser>> newUsers = createUsers ? AssignmentCsv.NewUsers(lines, existing) : [];
        // Until the new users have ids, negative numbers stand for them.
        IReadOnlyList<ImportRow<NewAssignment>> rows = await Terminal.ShowingAsync("Checking the file", _ => CheckAsync(
            lines,
            [.. existing, .. newUsers.Select((row, i) => new User(owner.Key, -1 - i, row.Value.Username, row.Value.Email))],
            owner,
            licenseId,
            cancellationToken));
        rows = WithFaultsOf(newUsers, rows);
        HashSet<int> valid = [.. rows.Where(row => row.Fault is null).Select(row => row.Line)];
        ImportRow<NewUser>[] toAdd = [.. newUsers.Where(user => valid.Contains(user.Line))];
        if (!import.SkipInvalid && WhyTheyDoNotFit(license, rows) is { } refusal)
        {
            return new Outcome.Refused(refusal);
        }

        ImportRun run = new(import, owner, licenseId, "assignments", AssignmentWriter.Limits)
        {
            UsersAdded = createUsers ? toAdd.Length : null,
        };
        if (toAdd.Length > 0 && !import.DryRun && (import.SkipInvalid || valid.Count == rows.Count))
        {
            run = run with { UsersAdded = await AddUsersAsync(run, toAdd, owner, cancellationToken) };
            existing = await users.OfPlatformAsync(owner.Key, cancellationToken).ToListAsync(cancellationToken);
            rows = await CheckAsync(lines, existing, owner, licenseId, cancellationToken);
        }

        AssignmentWriter writer = new(service, owner);
        return await run.RunAsync(rows, (batch, triedBefore) => writer.PutAsync(licenseId, batch[0], triedBefore), cancellationToken);
    }

    /// <returns>How many were added.</returns>
    private async Task<int> AddUsersAsync(ImportRun run, ImportRow<NewUser>[] added, Platform owner, CancellationToken cancellationToken)
    {
        using ImportProgress progress = new();
        await (run with { Things = "users", Limits = UserWriter.Limits }).WriteAsync(
            "Importing", added, new UserWriter(users, owner, new HashSet<long>()).AddAsync, progress, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return progress.Added;
    }

    private static IReadOnlyList<ImportRow<NewAssignment>> WithFaultsOf(
        IReadOnlyList<ImportRow<NewUser>> newUsers, IReadOnlyList<ImportRow<NewAssignment>> rows)
    {
        Dictionary<int, string> faults = newUsers.Where(user => user.Fault is not null).ToDictionary(user => user.Line, user => user.Fault!);
        return faults.Count == 0 ? rows : [.. rows.Select(row => row with { Fault = row.Fault ?? faults.GetValueOrDefault(row.Line) })];
    }

    private async Task<IReadOnlyList<ImportRow<NewAssignment>>> CheckAsync(
        IReadOnlyList<CsvLine> lines, List<User> existing, Platform owner, long licenseId, CancellationToken cancellationToken)
    {
        HashSet<long> assigned = await assignments
            .OfPlatformAsync(owner.Key, cancellationToken)
            .Where(assignment => assignment.LicenseId == licenseId)
            .Select(assignment => assignment.UserId)
            .ToHashSetAsync(cancellationToken: cancellationToken);
        return AssignmentCsv.Check(lines, existing, assigned);
    }

    /// <summary>Why the license cannot seat all rows as it is now, or null.</summary>
    private string? WhyTheyDoNotFit(License license, IReadOnlyList<ImportRow<NewAssignment>> rows)
    {
        int wanted = rows.Count(row => row is { Fault: null, Exists: false, Value.Active: true });
        return wanted == 0 ? null
            : (license with { SeatsUsed = 0 }).RefusesSeat(time.GetUtcNow()) is { } refusal and not Refusal.SeatsExhausted
                ? Refusals.WhyNoSeat(license.Id, refusal)
            : license.Seats is { } seats && seats - license.SeatsUsed < wanted
                ? $"License {license.Id} has {Math.Max(0, seats - license.SeatsUsed)} free seats and the file needs {wanted}: raise --seats with 'license update', or pass --skip-invalid to assign as many as fit."
            : null;
    }
}

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
    /// <summary>Each row is a request as through the API; requests in flight share transactions, up to 49 in each.</summary>
    private static readonly BatchLimits Limits = new(Size: 1, AtOnce: 132);

    public static Command Define()
    {
        PlatformArgument platform = new();
        LicenseOption license = new();
        Command command = new("import", "Assigns a license to the users of a CSV file: columns email or user_id, and active and fulfilled. Existing assignments are not changed.")
        {
            platform, license,
        };
        ImportArguments import = ImportArguments.AddTo(command);
        return command
            .WithExamples("assignment import acme --license 1 class.csv", "assignment import acme --license 1 class.csv --dry-run")
            .RunsOn<AssignmentImportCommand>(
                platform,
                (run, arguments, owner, cancellationToken) => run.RunAsync(
                    owner, license.IdIn(arguments), import.In(arguments), cancellationToken),
                import.Writes);
    }

    private async Task<Outcome> RunAsync(Platform owner, long licenseId, ImportRequest import, CancellationToken cancellationToken)
    {
        if (await licenses.FindAsync(owner.Key, licenseId, cancellationToken) is not { } license)
        {
            return Refusals.NoLicense(owner, licenseId);
        }

        if (owner.Suspended)
        {
            return Refusals.PlatformSuspended(owner);
        }

        IReadOnlyList<ImportRow<NewAssignment>> rows;
        try
        {
            IReadOnlyList<CsvLine> lines = await CsvFile.ReadAsync(import.Path, AssignmentCsv.Columns, cancellationToken);
            rows = await Terminal.ShowingAsync("Checking the file", _ => CheckAsync(lines, owner, licenseId, cancellationToken));
        }
        catch (UnreadableFileException unreadable)
        {
            return new Outcome.Refused(unreadable.Message);
        }

        if (!import.SkipInvalid && WhyTheyDoNotFit(license, rows) is { } refusal)
        {
            return new Outcome.Refused(refusal);
        }

        ImportRun run = new(import, owner, licenseId, "assignments", Limits);
        return await run.RunAsync(
            rows, async (batch, triedBefore) => [await PutAsync(owner, licenseId, batch[0], triedBefore)], cancellationToken);
    }

    private async Task<IReadOnlyList<ImportRow<NewAssignment>>> CheckAsync(
        IReadOnlyList<CsvLine> lines, Platform owner, long licenseId, CancellationToken cancellationToken)
    {
        List<User> existing = await users.OfPlatformAsync(owner.Key, cancellationToken).ToListAsync(cancellationToken);
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

    private async Task<RowResult> PutAsync(Platform owner, long licenseId, NewAssignment row, bool triedBefore) =>
        await service.PutAsync(
            AdminRequests.Put(owner, licenseId, new UserReference(row.UserId, null), row.Active, row.Fulfilled), CancellationToken.None) switch
        {
            // An earlier try, whose reply was lost, may have created it.
            AssignmentOutcome.Saved saved => saved.IsNew || triedBefore ? new RowResult.Added() : new RowResult.Existed(),
            AssignmentOutcome.Refused(var refusal, _) => new RowResult.Rejected(refusal switch
            {
                Refusal.SeatsExhausted => "no seat was free",
                Refusal.LicenseInactive => "the license was deactivated in the meantime",
                _ => "the license has expired or not started",
            }),
            AssignmentOutcome.PlatformSuspended => new RowResult.Rejected("the platform was suspended in the meantime"),
            _ => new RowResult.Rejected("the user or the license was removed in the meantime"),
        };
}

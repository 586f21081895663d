using System.CommandLine;
using Admin.Imports;
using Licensing;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Admin.Verbs;

internal static class AssignmentImport
{
    /// <summary>Each is a request as through the API; those under way at once share transactions, up to 49 in each.</summary>
    private static readonly ImportBatches Batches = new(Size: 1, AtOnce: 132);

    public static Command Command()
    {
        PlatformArgument platform = new();
        Option<long?> license = LicenseArgument.RequiredOption();
        Command command = new("import", "Assigns a license to the users of a CSV file: columns email or user_id, and active and fulfilled. Whoever has it is left alone.")
        {
            platform, license,
        };
        Import import = new();
        import.AddTo(command);
        return command
            .WithExamples("assignment import acme --license 1 class.csv", "assignment import acme --license 1 class.csv --dry-run")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    long licenseId = arguments.GetValue(license)!.Value;
                    if (await services.GetRequiredService<LicenseStore>().FindAsync(owner.Key, licenseId, cancellationToken) is not { } found)
                    {
                        return LicenseArgument.NotFound(owner, licenseId);
                    }

                    if (owner.Suspended)
                    {
                        return Administrator.Suspended(owner);
                    }

                    IReadOnlyList<ImportRow<NewAssignment>> rows;
                    try
                    {
                        IReadOnlyList<CsvLine> lines = await import.ReadAsync(arguments, AssignmentRows.Columns, cancellationToken);
                        rows = await Terminal.ShowingAsync("Checking the file", async _ => await CheckAsync(
                            lines, services, owner, licenseId, cancellationToken));
                    }
                    catch (UnreadableFileException unreadable)
                    {
                        return new Outcome.Refused(unreadable.Message);
                    }

                    if (!import.SkipsInvalid(arguments) && Refusal(found, rows, services.GetRequiredService<TimeProvider>().GetUtcNow()) is { } refusal)
                    {
                        return new Outcome.Refused(refusal);
                    }

                    AssignmentService service = services.GetRequiredService<AssignmentService>();
                    return await import.RunAsync(
                        arguments,
                        owner,
                        licenseId,
                        "assignments",
                        rows,
                        Batches,
                        async (batch, triedBefore) => [await PutAsync(service, owner, licenseId, batch[0], triedBefore)],
                        cancellationToken);
                },
                import.Changes);
    }

    private static async Task<IReadOnlyList<ImportRow<NewAssignment>>> CheckAsync(
        IReadOnlyList<CsvLine> lines, IServiceProvider services, Platform owner, long licenseId, CancellationToken cancellationToken)
    {
        List<User> users = await services.GetRequiredService<UserStore>()
            .OfPlatformAsync(owner.Key, cancellationToken).ToListAsync(cancellationToken);
        HashSet<long> assigned = await services.GetRequiredService<AssignmentStore>()
            .OfPlatformAsync(owner.Key, cancellationToken)
            .Where(assignment => assignment.LicenseId == licenseId)
            .Select(assignment => assignment.UserId)
            .ToHashSetAsync(cancellationToken: cancellationToken);
        return AssignmentRows.Check(lines, users, assigned);
    }

    /// <summary>Why the license can not seat all of them as it is now, or null.</summary>
    private static string? Refusal(License license, IReadOnlyList<ImportRow<NewAssignment>> rows, DateTimeOffset now)
    {
        int wanted = rows.Count(row => row is { Fault: null, IsThere: false, Value.Active: true });
        return wanted == 0 ? null
            : (license with { SeatsUsed = 0 }).RefusesSeat(now) is { } refusal and not Licensing.Licenses.Refusal.SeatsExhausted ? Administrator.Sentence(license.Id, refusal)
            : license.Seats is { } seats && seats - license.SeatsUsed < wanted
                ? $"License {license.Id} has {Math.Max(0, seats - license.SeatsUsed)} free seats and the file needs {wanted}: raise --seats with 'license update', or assign as many as fit with --skip-invalid."
            : null;
    }

    private static async Task<RowEnd> PutAsync(
        AssignmentService service, Platform owner, long licenseId, NewAssignment row, bool triedBefore) =>
        await service.PutAsync(
            Administrator.Put(owner, licenseId, new UserName(row.UserId, null), row.Active, row.Fulfilled), CancellationToken.None) switch
        {
            // A try whose reply was lost may have created it.
            AssignmentOutcome.Saved saved => saved.IsNew || triedBefore ? new RowEnd.Added() : new RowEnd.AlreadyThere(),
            AssignmentOutcome.Refused(var refusal, _) => new RowEnd.Refused(refusal switch
            {
                Licensing.Licenses.Refusal.SeatsExhausted => "no seat was left",
                Licensing.Licenses.Refusal.LicenseInactive => "the license was made inactive meanwhile",
                _ => "the license has expired or not started",
            }),
            AssignmentOutcome.PlatformSuspended => new RowEnd.Refused("the platform was suspended meanwhile"),
            _ => new RowEnd.Refused("the user or the license was removed meanwhile"),
        };
}

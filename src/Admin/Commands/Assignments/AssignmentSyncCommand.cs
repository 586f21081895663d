using System.CommandLine;
using Admin.Arguments;
using Admin.Imports;
using Admin.Output;
using Licensing;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentSyncCommand(
    LicenseStore licenses, UserStore users, AssignmentStore assignments, AssignmentService service, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Argument<string> file = new("file") { Description = "A CSV file with the columns of 'assignment import'; - for standard input.", CustomParser = ValueParser.Path! };
        LicenseOption license = new();
        Option<bool> dryRun = new("--dry-run") { Description = "Report what would be added, changed and removed, and why; write nothing." };
        Option<bool> addOnly = new("--add-only") { Description = "Add and change assignments; remove none." };
        Option<bool> removeOnly = new("--remove-only") { Description = "Remove assignments; add and change none." };
        Option<RemovalLimit?> maxRemovals = new("--max-removals")
        {
            Description = "Refuse to remove more assignments than this: a number, or a percentage of the existing ones. [default: 10%]",
            CustomParser = ValueParser.RemovalLimit,
        };
        Command command = new("sync", "Makes a license's assignments match a CSV file: adds missing ones, updates changed ones, and removes those not in the file.")
        {
            platform, file, license, dryRun, addOnly, removeOnly, maxRemovals,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(addOnly) is not null && result.GetResult(removeOnly) is not null)
            {
                result.AddError("Pass --add-only or --remove-only, not both.");
            }
        });
        return command.PrintsCsv()
            .WithExamples("assignment sync acme class.csv --license 1 --dry-run", "assignment sync acme class.csv --license 1 --max-removals 20%")
            .RunsOn<AssignmentSyncCommand>(
                platform,
                (sync, arguments, platform, cancellationToken) => sync.RunAsync(
                    platform,
                    license.IdIn(arguments),
                    new SyncRequest(
                        arguments.GetRequiredValue(file),
                        arguments.GetValue(dryRun),
                        Adds: !arguments.GetValue(removeOnly),
                        Removes: !arguments.GetValue(addOnly),
                        arguments.GetValue(maxRemovals) ?? RemovalLimit.Default),
                    cancellationToken),
                arguments => !arguments.GetValue(dryRun));
    }

    private async Task<Outcome> RunAsync(Platform platform, long licenseId, SyncRequest request, CancellationToken cancellationToken)
    {
        if (await licenses.FindAsync(platform.Key, licenseId, cancellationToken) is not { } license)
        {
            return Refusals.NoLicense(platform, licenseId);
        }

        if (platform.Suspended)
        {
            return Refusals.PlatformSuspended(platform);
        }

        using CsvFile file = await CsvFile.OpenAsync(request.Path, AssignmentCsv.Columns, cancellationToken);
        (SyncPlan plan, SyncJson result, int held) = await Terminal.ShowingAsync(
            "Reading users", report => PlanAsync(platform, licenseId, file, request, report, cancellationToken));
        IReadOnlyList<FaultJson> faults = result.Faults;
        return faults.Count > 0
            ? Finish(
                result with { Added = 0, Changed = 0, Removed = 0, Steps = [] },
                ExitCode.Refused,
                [.. faults.Select(fault => fault.ToString()), $"Nothing was written: fix the {Plural.For(faults.Count, "line")} above ({faults.Count}). A sync cannot skip lines, because it would remove their assignments."])
            : !request.MaxRemovals.Allows(plan.Removals.Count, held)
                ? new Outcome.Refused($"The file would remove {plan.Removals.Count} of {held} {Plural.For(held, "assignment")} of license {licenseId}, more than {request.MaxRemovals}: check that the file is complete, or raise --max-removals.")
            : WhyTheyDoNotFit(license, plan) is { } refusal ? new Outcome.Refused(refusal)
            : request.DryRun ? Finish(result, ExitCode.Done, [])
            : await WriteAsync(platform, licenseId, plan, result, cancellationToken);
    }

    /// <summary>Reads the platform and the file, and compares them.</summary>
    /// <returns>The plan, its JSON, and the number of assignments that the license has.</returns>
    private async Task<(SyncPlan Plan, SyncJson Result, int Held)> PlanAsync(
        Platform platform, long licenseId, CsvFile file, SyncRequest request, Action<string> report, CancellationToken cancellationToken)
    {
        Dictionary<long, User> byId = await users.OfPlatformAsync(platform.Key, cancellationToken).Reporting("Reading users", report)
            .ToDictionaryAsync(user => user.Id, cancellationToken: cancellationToken);
        List<Assignment> held = await assignments.OfPlatformAsync(platform.Key, cancellationToken).Reporting("Reading assignments", report)
            .Where(assignment => assignment.LicenseId == licenseId).ToListAsync(cancellationToken);
        report("Checking the file");
        KnownUsers known = KnownUsers.Of(byId.Values);
        IEnumerable<ImportRow<NewAssignment>> Check() => AssignmentCsv.Check(file.Lines(), known, new HashSet<long>());
        FaultJson[] faults = [.. Check().Where(row => row.Fault is not null).Select(row => new FaultJson(row.Line, row.Fault!))];
        SyncPlan plan = SyncPlan.Of(Check().Where(row => row.Fault is null), held, request.Adds, request.Removes);
        SyncJson result = new(
            platform.Key, licenseId, Check().Count(), plan.Adds.Count, plan.Changes.Count, plan.Removals.Count, plan.Unchanged, faults, request.DryRun, Interrupted: false, Steps(plan, byId));
        return (plan, result, held.Count);
    }

    private string? WhyTheyDoNotFit(License license, SyncPlan plan) =>
        plan.SeatsNeeded <= 0 && !plan.Adds.Any(row => row.Value.Active) ? null
        : (license with { SeatsUsed = 0, Seats = null }).RefusesSeat(time.GetUtcNow()) is { } refusal ? Refusals.WhyNoSeat(license.Id, refusal)
        : license.Seats is { } seats && plan.SeatsNeeded > 0 && seats - license.SeatsUsed < plan.SeatsNeeded
            ? $"License {license.Id} has {Refusals.FreeSeats(license, seats)} and the file needs {plan.SeatsNeeded} more than it frees: raise --seats with 'license update'."
        : null;

    /// <summary>Writes the removals first, because they free seats.</summary>
    private async Task<Outcome> WriteAsync(
        Platform platform, long licenseId, SyncPlan plan, SyncJson result, CancellationToken cancellationToken)
    {
        AssignmentWriter writer = new(service, platform);
        ImportRun run = new(new ImportRequest("", SkipInvalid: false, DryRun: false), platform, licenseId, "assignment", AssignmentWriter.Limits, time);
        using ImportProgress removed = new();
        using ImportProgress changed = new();
        using ImportProgress added = new();
        bool complete =
            await run.WriteAsync(
                "Removing", plan.Removals.Select(each => new ImportRow<Assignment>(0, each, null, Exists: true)), plan.Removals.Count, (batch, _) => writer.RemoveAsync(batch[0]), removed, cancellationToken)
            && await run.WriteAsync("Changing", plan.Changes.Select(change => change.Row), plan.Changes.Count, (batch, again) => writer.PutAsync(licenseId, batch[0], again), changed, cancellationToken)
            && await run.WriteAsync("Adding", plan.Adds, plan.Adds.Count, (batch, again) => writer.PutAsync(licenseId, batch[0], again), added, cancellationToken);
        FaultJson[] faults = [.. new[] { removed, changed, added }.SelectMany(each => each.Faults).OrderBy(fault => fault.Line)];
        result = result with
        {
            Removed = removed.Added,
            Changed = changed.Added + changed.Existed,
            Added = added.Added,
            Faults = faults,
            Interrupted = !complete,
        };
        return Finish(
            result,
            !complete ? ExitCode.Interrupted : faults.Length > 0 ? ExitCode.Refused : ExitCode.Done,
            [
                .. faults.Select(fault => fault.ToString()),
                .. complete ? Array.Empty<string>() : ["Interrupted: run the same command again to finish."],
            ]);
    }

    private static Outcome.Done Finish(SyncJson result, int exitCode, string[] sentences) => new(
        result,
        console =>
        {
            if (result.DryRun)
            {
                Lists.SyncSteps.Write(result.Steps, console);
            }

            string would = result.DryRun ? "would be " : "";
            if (exitCode != ExitCode.Refused || result.Steps.Count > 0)
            {
                console.MarkupLineInterpolated(
                    $"License [bold]{result.LicenseId}[/] of platform [bold]{result.PlatformKey}[/]: {result.Added:N0} {Plural.For(result.Added, "assignment")} {would}added, {result.Changed:N0} {would}changed, {result.Removed:N0} {would}removed, {result.Unchanged:N0} unchanged.");
            }
        },
        exitCode,
        sentences)
    { Rows = result.Steps.ToList() };

    private static List<SyncStepJson> Steps(SyncPlan plan, Dictionary<long, User> users)
    {
        SyncStepJson Step(string action, long userId, long? assignmentId, string why) => users.GetValueOrDefault(userId) is var user
            ? new(action, userId, user?.Username, user?.Email?.Text, assignmentId, why)
            : throw new InvalidOperationException();

        return
        [
            .. plan.Removals.Select(gone => Step("remove", gone.UserId, gone.Id, "not in the file")),
            .. plan.Changes.Select(change => Step("change", change.Row.Value.UserId, change.Current.Id, $"line {change.Row.Line}: {Text(change.Current.State.Active, change.Current.State.Fulfilled)} -> {Text(change.Row.Value.Active, change.Row.Value.Fulfilled)}")),
            .. plan.Adds.Select(row => Step("add", row.Value.UserId, assignmentId: null, $"line {row.Line}: no assignment yet")),
        ];
    }

    private static string Text(bool active, bool fulfilled) => (active ? "active" : "pending") + (fulfilled ? ", fulfilled" : "");

    private sealed record SyncRequest(string Path, bool DryRun, bool Adds, bool Removes, RemovalLimit MaxRemovals);
}

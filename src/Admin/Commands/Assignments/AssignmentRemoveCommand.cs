using System.CommandLine;
using Admin.Arguments;
using Admin.Imports;
using Admin.Output;
using Licensing;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Platforms;
using Licensing.Users;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentRemoveCommand(AssignmentStore assignments, UserStore users, AssignmentService service, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Argument<long?> id = new("assignment") { Description = "The assignment's id.", Arity = ArgumentArity.ZeroOrOne, CustomParser = ValueParser.Id };
        Option<string?> file = new("--file") { Description = "Remove the assignments in a CSV file instead: column id, or email or user_id with --license; - for standard input.", CustomParser = ValueParser.Path };
        Option<long?> license = new("--license") { Description = "With --file: the id of the license, if the file names users.", CustomParser = ValueParser.Id };
        Command command = new("remove", "Removes an assignment, or all assignments in a file, and frees their seats.") { platform, id, file, license };
        command.Validators.Add(result =>
        {
            if (result.GetResult(id) is { Tokens.Count: > 0 } == result.GetResult(file) is not null)
            {
                result.AddError("Pass either an assignment's id or --file.");
            }
        });
        Confirm confirm = Confirm.AddTo(command, "deletes data");
        return command
            .WithExamples("assignment remove acme 17", "assignment list acme --pending --older-than 90d --csv | license-admin assignment remove acme --file - --yes")
            .RunsOn<AssignmentRemoveCommand>(
                platform,
                (remove, arguments, platform, cancellationToken) =>
                {
                    Task<bool> ConfirmedAsync(string question) => confirm.GivenAsync(arguments, question, cancellationToken);
                    return arguments.GetValue(file) is { } path
                        ? remove.RunAsync(platform, path, arguments.GetValue(license), ConfirmedAsync, cancellationToken)
                        : remove.RunAsync(platform, arguments.GetValue(id)!.Value, ConfirmedAsync, cancellationToken);
                },
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, long id, Func<string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        if (await assignments.FindAsync(platform.Key, id, cancellationToken) is not { DeletedBy: null, Assignment: var assignment })
        {
            return Refusals.NoAssignment(platform, id);
        }

        User? user = await users.FindAsync(platform.Key, assignment.UserId, cancellationToken);
        if (!await confirmed($"Remove assignment {id} of license {assignment.LicenseId} from user {assignment.UserId} ({user?.Username})?"))
        {
            return Refusals.NotConfirmed;
        }

        return await service.DeleteAsync(AdminRequests.Delete(assignment), cancellationToken) switch
        {
            AssignmentOutcome.Deleted => new Outcome.Done(
                AssignmentJson.Of(assignment, user, await AssignmentTimes.OfAsync(assignments, assignment, cancellationToken)),
                console => console.MarkupLineInterpolated($"[green]Removed[/] assignment [bold]{id}[/] of license {assignment.LicenseId} from user {assignment.UserId}.")),
            AssignmentOutcome.PlatformSuspended => Refusals.PlatformSuspended(platform),
            _ => Refusals.NoAssignment(platform, id),
        };
    }

    /// <summary>Removes the assignments in a file. Skips those that do not exist, so that the command can be repeated.</summary>
    private async Task<Outcome> RunAsync(
        Platform platform, string path, long? licenseId, Func<string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        if (platform.Suspended)
        {
            return Refusals.PlatformSuspended(platform);
        }

        using CsvFile file = await CsvFile.OpenAsync(path, AssignmentRemovalCsv.Columns, cancellationToken);
        IReadOnlyList<ImportRow<Assignment?>> rows = await Terminal.ShowingAsync("Reading assignments", async report =>
        {
            List<Assignment> existing = await assignments.OfPlatformAsync(platform.Key, cancellationToken)
                .Reporting("Reading assignments", report).ToListAsync(cancellationToken);
            KnownUsers known = await KnownUsers.ReadAsync(users, platform.Key, report, cancellationToken);
            report("Checking the file");
            return AssignmentRemovalCsv.Check(file.Lines(), existing, known, licenseId);
        });
        ImportRow<Assignment>[] found = [.. rows.Where(row => row.Value is not null).DistinctBy(row => row.Value!.Id)
            .Select(row => new ImportRow<Assignment>(row.Line, row.Value!, row.Fault, row.Exists))];
        List<FaultJson> faults = [.. rows.Where(row => row.Fault is not null).Select(row => new FaultJson(row.Line, row.Fault!))];
        if (faults.Count > 0)
        {
            return Finish(
                new RemovedAssignmentsJson(platform.Key, rows.Count, [], 0, faults, Interrupted: false), $"Nothing was removed: fix the {Plural.For(faults.Count, "line")} above ({faults.Count}).");
        }

        return await confirmed($"Remove {found.Length} {Plural.For(found.Length, "assignment")} of platform {platform.Key}?")
            ? await RemoveAsync(platform, rows.Count, found, cancellationToken)
            : Refusals.NotConfirmed;
    }

    private async Task<Outcome> RemoveAsync(Platform platform, int rows, ImportRow<Assignment>[] found, CancellationToken cancellationToken)
    {
        AssignmentWriter writer = new(service, platform);
        ImportRun run = new(new ImportRequest("", SkipInvalid: false, DryRun: false), platform, LicenseId: null, "assignment", AssignmentWriter.Limits, time);
        using ImportProgress progress = new();
        System.Collections.Concurrent.ConcurrentBag<long> removed = [];
        bool complete = await run.WriteAsync(
            "Removing",
            found,
            found.Length,
            async (batch, _) =>
            {
                IReadOnlyList<RowResult> results = await writer.RemoveAsync(batch[0]);
                if (results is [RowResult.Added])
                {
                    removed.Add(batch[0].Id);
                }

                return results;
            },
            progress,
            cancellationToken);
        RemovedAssignmentsJson result = new(
            platform.Key, rows, [.. removed.Order()], rows - found.Length + progress.Existed, progress.Faults, Interrupted: !complete);
        return Finish(result, complete ? null : "Interrupted: run the same command again to finish.");
    }

    private static Outcome.Done Finish(RemovedAssignmentsJson result, string? sentence) => new(
        result,
        console => console.MarkupLineInterpolated(
            $"[green]{result.Removed.Count:N0}[/] {Plural.For(result.Removed.Count, "assignment")} removed from platform [bold]{result.PlatformKey}[/], {result.AlreadyGone:N0} already gone."),
        result.Interrupted ? ExitCode.Interrupted : result.Faults.Count > 0 ? ExitCode.Refused : ExitCode.Done,
        [.. result.Faults.Select(fault => fault.ToString()), .. sentence is null ? Array.Empty<string>() : [sentence]]);
}

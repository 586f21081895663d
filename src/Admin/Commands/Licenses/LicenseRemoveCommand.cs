using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Licenses;

internal sealed class LicenseRemoveCommand(LicenseStore licenses, AssignmentStore assignments, LicenseRemoval removal)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        LicenseArgument license = new();
        Option<bool> withAssignments = new("--with-assignments") { Description = "Remove the license even if it has active assignments, and remove these too." };
        Command command = new("remove", "Removes a license and its pending assignments. Its id is never reused.") { platform, license, withAssignments };
        Confirm confirm = Confirm.AddTo(command, "deletes data");
        return command
            .WithExamples("license remove acme 1", "license remove acme 1 --with-assignments --yes")
            .RunsOn<LicenseRemoveCommand>(
                platform,
                (remove, arguments, platform, cancellationToken) => remove.RunAsync(
                    platform,
                    license.IdIn(arguments),
                    arguments.GetValue(withAssignments),
                    question => confirm.GivenAsync(arguments, question, cancellationToken),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, long id, bool withAssignments, Func<string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        License? license = await licenses.FindAsync(platform.Key, id, cancellationToken);
        List<Assignment> held = await assignments.OfPlatformAsync(platform.Key, cancellationToken)
            .Where(assignment => assignment.LicenseId == id).ToListAsync(cancellationToken);
        if (license is null && held.Count == 0)
        {
            return Refusals.NoLicense(platform, id);
        }

        if (platform.Suspended)
        {
            return Refusals.PlatformSuspended(platform);
        }

        int active = held.Count(assignment => assignment.State.Active);
        if (active > 0 && !withAssignments)
        {
            return new Outcome.Refused(
                $"License {id} has {active} active {Plural.For(active, "assignment")}: remove {Plural.For(active, "it", "them")} first, or pass --with-assignments.");
        }

        return !await confirmed($"Remove license {id} ({license?.Name}) of platform {platform.Key} and its assignments ({held.Count})?") ? Refusals.NotConfirmed
            : await Terminal.ShowingAsync("Removing assignments", _ => removal.RemoveAsync(platform.Key, id, cancellationToken)) is not { } removed ? Refusals.PlatformSuspended(platform)
            : new Outcome.Done(
                new RemovedLicenseJson(id, platform.Key, [.. removed.Order()]),
                console => console.MarkupLineInterpolated(
                    $"[green]Removed[/] license [bold]{id}[/] from platform [bold]{platform.Key}[/]; assignments removed: {removed.Count}."));
    }
}

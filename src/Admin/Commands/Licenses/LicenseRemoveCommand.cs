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
                (remove, arguments, owner, cancellationToken) => remove.RunAsync(
                    owner,
                    license.IdIn(arguments),
                    arguments.GetValue(withAssignments),
                    question => confirm.GivenAsync(arguments, question, cancellationToken),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform owner, long id, bool withAssignments, Func<string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        License? license = await licenses.FindAsync(owner.Key, id, cancellationToken);
        List<Assignment> held = await assignments.OfPlatformAsync(owner.Key, cancellationToken)
            .Where(assignment => assignment.LicenseId == id).ToListAsync(cancellationToken);
        if (license is null && held.Count == 0)
        {
            return Refusals.NoLicense(owner, id);
        }

        if (owner.Suspended)
        {
            return Refusals.PlatformSuspended(owner);
        }

        int active = held.Count(assignment => assignment.State.Active);
        if (active > 0 && !withAssignments)
        {
            return new Outcome.Refused(
                $"License {id} has {active} active {Plural.For(active, "assignment")}: remove {Plural.For(active, "it", "them")} first, or pass --with-assignments.");
        }

        return !await confirmed($"Remove license {id} ({license?.Name}) of platform {owner.Key} and its assignments ({held.Count})?") ? Refusals.NotConfirmed
            : await Terminal.ShowingAsync("Removing assignments", _ => removal.RemoveAsync(owner.Key, id, cancellationToken)) is not { } removed ? Refusals.PlatformSuspended(owner)
            : new Outcome.Done(
                new RemovedLicenseJson(id, owner.Key, [.. removed.Order()]),
                console => console.MarkupLineInterpolated(
                    $"[green]Removed[/] license [bold]{id}[/] from platform [bold]{owner.Key}[/]; assignments removed: {removed.Count}."));
    }
}

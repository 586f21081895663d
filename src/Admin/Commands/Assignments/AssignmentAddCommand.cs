using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentAddCommand(AssignmentService service, AssignmentStore assignments)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        UserArgument user = new();
        LicenseOption license = new();
        Option<bool> pending = new("--pending") { Description = "Make it inactive, so that it uses no seat." };
        Option<bool> fulfilled = new("--fulfilled") { Description = "Mark it as fulfilled." };
        return new Command("add", "Assigns a license to a user, or updates the existing assignment, with the same effect as the API.")
            {
                platform, user, license, pending, fulfilled,
            }
            .WithExamples("assignment add acme --license 1 ada@example.org", "assignment add acme --license 1 5 --pending")
            .RunsOn<AssignmentAddCommand>(
                platform,
                (command, arguments, platform, cancellationToken) => command.RunAsync(
                    platform,
                    AdminRequests.Put(
                        platform,
                        license.IdIn(arguments),
                        arguments.GetRequiredValue(user),
                        active: !arguments.GetValue(pending),
                        arguments.GetValue(fulfilled)),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(Platform platform, PutAssignment put, CancellationToken cancellationToken) =>
        await service.PutAsync(put, cancellationToken) switch
        {
            AssignmentOutcome.Saved(var assignment, var user, var license) => new Outcome.Done(
                AssignmentJson.Of(assignment, user, await AssignmentTimes.OfAsync(assignments, assignment, cancellationToken)),
                console => console.MarkupLineInterpolated(
                    $"[green]Assigned[/] license [bold]{license.Id}[/] ({license.Name}) to user [bold]{user.Id}[/] ({user.Username}): assignment [bold]{assignment.Id}[/].")),
            AssignmentOutcome.Refused(var refusal, _) => Refusals.NoSeat(put.LicenseId, refusal),
            AssignmentOutcome.LicenseNotFound => Refusals.NoLicense(platform, put.LicenseId),
            AssignmentOutcome.PlatformSuspended => Refusals.PlatformSuspended(platform),
            _ => Refusals.NoUser(platform),
        };
}

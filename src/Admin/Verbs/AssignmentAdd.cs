using System.CommandLine;
using Licensing;
using Licensing.Commit;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class AssignmentAdd
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        UserArgument name = new();
        Option<long?> license = LicenseArgument.RequiredOption();
        Option<bool> pending = new("--pending") { Description = "Not active: holds no seat." };
        Option<bool> fulfilled = new("--fulfilled") { Description = "Mark it fulfilled." };
        return new Command("add", "Assigns a license to a user, or brings the assignment that exists to this state; exact as through the API.")
            {
                platform, name, license, pending, fulfilled,
            }
            .WithExamples("assignment add acme --license 1 ada@example.org", "assignment add acme --license 1 5 --pending")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    UserName user = arguments.GetRequiredValue(name);
                    long licenseId = arguments.GetValue(license)!.Value;
                    PutAssignment put = Administrator.Put(
                        owner, licenseId, user, !arguments.GetValue(pending), arguments.GetValue(fulfilled));
                    return await services.GetRequiredService<AssignmentService>().PutAsync(put, cancellationToken) switch
                    {
                        AssignmentOutcome.Saved(var assignment, var holder, var saved) => new Outcome.Done(
                            AssignmentJson.Of(assignment, holder),
                            console => console.MarkupLineInterpolated(
                                $"[green]Assigned[/] license [bold]{saved.Id}[/] ({saved.Name}) to user [bold]{holder.Id}[/] ({holder.Username}): assignment [bold]{assignment.Id}[/].")),
                        AssignmentOutcome.Refused(var refusal, _) => new Outcome.Refused(Administrator.Sentence(licenseId, refusal)),
                        AssignmentOutcome.LicenseNotFound => LicenseArgument.NotFound(owner, licenseId),
                        AssignmentOutcome.PlatformSuspended => Administrator.Suspended(owner),
                        _ => UserArgument.NotFound(owner),
                    };
                },
                VerbCommand.Changes);
    }
}

using System.CommandLine;
using Licensing;
using Licensing.Assignments;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class AssignmentRemove
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Argument<long?> id = new("assignment") { Description = "The assignment's id.", Arity = ArgumentArity.ExactlyOne, CustomParser = Input.Id };
        Command command = new("remove", "Removes an assignment and frees its seat.") { platform, id };
        YesOption yes = YesOption.AddTo(command);
        return command
            .WithExamples("assignment remove acme 17", "assignment remove acme 17 --yes")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    long assignmentId = arguments.GetValue(id)!.Value;
                    Outcome.Refused notFound = new($"Assignment {assignmentId} does not exist on platform {owner.Key}: check its id, see 'assignment list'.");
                    if (await services.GetRequiredService<AssignmentStore>().FindAsync(owner.Key, assignmentId, cancellationToken)
                        is not { DeletedBy: null, Assignment: var assignment })
                    {
                        return notFound;
                    }

                    User? user = await services.GetRequiredService<UserStore>().FindAsync(owner.Key, assignment.UserId, cancellationToken);
                    if (!await yes.GivenAsync(arguments, $"Remove assignment {assignment.Id} of license {assignment.LicenseId} from user {assignment.UserId} ({user?.Username})?", cancellationToken))
                    {
                        return Outcome.Kept;
                    }

                    return await services.GetRequiredService<AssignmentService>()
                        .DeleteAsync(Administrator.Delete(assignment), cancellationToken) switch
                    {
                        AssignmentOutcome.Deleted => new Outcome.Done(AssignmentJson.Of(assignment, user), console =>
                            console.MarkupLineInterpolated($"[green]Removed[/] assignment [bold]{assignment.Id}[/] of license {assignment.LicenseId} from user {assignment.UserId}.")),
                        AssignmentOutcome.PlatformSuspended => Administrator.Suspended(owner),
                        _ => notFound,
                    };
                },
                VerbCommand.Changes);
    }
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing;
using Licensing.Assignments;
using Licensing.Platforms;
using Licensing.Users;
using Spectre.Console;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentRemoveCommand(AssignmentStore assignments, UserStore users, AssignmentService service)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Argument<long?> id = new("assignment") { Description = "The assignment's id.", Arity = ArgumentArity.ExactlyOne, CustomParser = ValueParser.Id };
        Command command = new("remove", "Removes an assignment and frees its seat.") { platform, id };
        Confirm confirm = Confirm.AddTo(command, "deletes data");
        return command
            .WithExamples("assignment remove acme 17", "assignment remove acme 17 --yes")
            .RunsOn<AssignmentRemoveCommand>(
                platform,
                (remove, arguments, owner, cancellationToken) => remove.RunAsync(
                    owner,
                    arguments.GetValue(id)!.Value,
                    question => confirm.GivenAsync(arguments, question, cancellationToken),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform owner, long id, Func<string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        if (await assignments.FindAsync(owner.Key, id, cancellationToken) is not { DeletedBy: null, Assignment: var assignment })
        {
            return Refusals.NoAssignment(owner, id);
        }

        User? user = await users.FindAsync(owner.Key, assignment.UserId, cancellationToken);
        if (!await confirmed($"Remove assignment {id} of license {assignment.LicenseId} from user {assignment.UserId} ({user?.Username})?"))
        {
            return Refusals.NotConfirmed;
        }

        return await service.DeleteAsync(AdminRequests.Delete(assignment), cancellationToken) switch
        {
            AssignmentOutcome.Deleted => new Outcome.Done(AssignmentJson.Of(assignment, user), console =>
                console.MarkupLineInterpolated($"[green]Removed[/] assignment [bold]{id}[/] of license {assignment.LicenseId} from user {assignment.UserId}.")),
            AssignmentOutcome.PlatformSuspended => Refusals.PlatformSuspended(owner),
            _ => Refusals.NoAssignment(owner, id),
        };
    }
}

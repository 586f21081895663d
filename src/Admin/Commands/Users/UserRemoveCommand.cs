using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing;
using Licensing.Assignments;
using Licensing.Commit;
using Licensing.Platforms;
using Licensing.Users;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Users;

internal sealed class UserRemoveCommand(UserStore users, AssignmentStore assignments, AssignmentService service)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        UserArgument reference = new();
        Option<bool> withAssignments = new("--with-assignments") { Description = "Also remove the user's assignments, which frees their seats." };
        Command command = new("remove", "Removes a user and all personal data stored about them; the history keeps only their id.") { platform, reference, withAssignments };
        Confirm confirm = Confirm.AddTo(command, "deletes data");
        return command
            .WithExamples("user remove acme ada@example.org", "user remove acme 1 --with-assignments --yes")
            .RunsOn<UserRemoveCommand>(
                platform,
                (remove, arguments, platform, cancellationToken) => remove.RunAsync(
                    platform,
                    arguments.GetRequiredValue(reference),
                    arguments.GetValue(withAssignments),
                    question => confirm.GivenAsync(arguments, question, cancellationToken),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform,
        UserReference reference,
        bool withAssignments,
        Func<string, Task<bool>> confirmed,
        CancellationToken cancellationToken)
    {
        if (await reference.FindIdAsync(users, platform, cancellationToken) is not { } id)
        {
            return Refusals.NoUser(platform);
        }

        User? user = await users.FindAsync(platform.Key, id, cancellationToken);
        List<Assignment> held = await assignments.OfUserAsync(platform.Key, id, cancellationToken).ToListAsync(cancellationToken);
        if (user is null && held.Count == 0)
        {
            return Refusals.NoUser(platform);
        }

        if (held.Count > 0 && !withAssignments)
        {
            return new Outcome.Refused(
                $"User {id} has {held.Count} {Plural.For(held.Count, "assignment")}: remove {Plural.For(held.Count, "it", "them")} first, or pass --with-assignments.");
        }

        return await confirmed($"Remove user {id} ({user?.Username}) and their assignments ({held.Count}) from platform {platform.Key}?")
            ? await RemoveAsync(platform, user ?? new User(platform.Key, id, Username: "", Email: null), held, cancellationToken)
            : Refusals.NotConfirmed;
    }

    private async Task<Outcome> RemoveAsync(Platform platform, User user, List<Assignment> held, CancellationToken cancellationToken)
    {
        List<long> removed = [];
        do
        {
            foreach (Assignment assignment in held)
            {
                if (await service.DeleteAsync(AdminRequests.Delete(assignment), cancellationToken) is AssignmentOutcome.PlatformSuspended)
                {
                    return Refusals.PlatformSuspended(platform);
                }
            }

            removed.AddRange(held.Select(assignment => assignment.Id));
            await users.RemoveAsync(user, cancellationToken);
            // An instance with the user in its cache may have assigned a license before the user was removed.
            held = await assignments.OfUserAsync(platform.Key, user.Id, cancellationToken).ToListAsync(cancellationToken);
        }
        while (held.Count > 0);

        await assignments.EraseMetadataAsync(platform.Key, user.Id, cancellationToken);

        return new Outcome.Done(
            new RemovedUserJson(user.Id, platform.Key, removed),
            console => console.MarkupLineInterpolated(
                $"[green]Removed[/] user [bold]{user.Id}[/] from platform [bold]{platform.Key}[/]; assignments removed: {removed.Count}."));
    }
}

using System.CommandLine;
using Licensing;
using Licensing.Assignments;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class UserRemove
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        UserArgument name = new();
        Option<bool> withAssignments = new("--with-assignments") { Description = "Remove the user's assignments too, which frees their seats." };
        Command command = new("remove", "Removes a user.") { platform, name, withAssignments };
        YesOption yes = YesOption.AddTo(command);
        return command
            .WithExamples("user remove acme ada@example.org", "user remove acme 1 --with-assignments --yes")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    UserStore users = services.GetRequiredService<UserStore>();
                    AssignmentStore assignments = services.GetRequiredService<AssignmentStore>();
                    if (await UserArgument.FindIdAsync(users, owner, arguments.GetRequiredValue(name), cancellationToken) is not { } id)
                    {
                        return UserArgument.NotFound(owner);
                    }

                    User? user = await users.FindAsync(owner.Key, id, cancellationToken);
                    List<Assignment> held = await assignments.OfUserAsync(owner.Key, id, cancellationToken).ToListAsync(cancellationToken);
                    if (user is null && held.Count == 0)
                    {
                        return UserArgument.NotFound(owner);
                    }

                    if (held.Count > 0 && !arguments.GetValue(withAssignments))
                    {
                        return new Outcome.Refused(
                            $"User {id} has {held.Count} {(held.Count == 1 ? "assignment" : "assignments")}: remove them first, or give --with-assignments.");
                    }

                    if (!await yes.GivenAsync(arguments, $"Remove user {id} ({user?.Username}) from platform {owner.Key}? Assignments that go with it: {held.Count}.", cancellationToken))
                    {
                        return Outcome.Kept;
                    }

                    AssignmentService service = services.GetRequiredService<AssignmentService>();
                    List<long> removed = [];
                    do
                    {
                        foreach (Assignment assignment in held)
                        {
                            if (await service.DeleteAsync(Administrator.Delete(assignment), cancellationToken) is AssignmentOutcome.PlatformSuspended)
                            {
                                return Administrator.Suspended(owner);
                            }
                        }

                        removed.AddRange(held.Select(assignment => assignment.Id));
                        await users.RemoveAsync(user ?? new User(owner.Key, id, Username: "", Email: null), cancellationToken);
                        // An instance that remembered the user may have given it one before the last line.
                        held = await assignments.OfUserAsync(owner.Key, id, cancellationToken).ToListAsync(cancellationToken);
                    }
                    while (held.Count > 0);

                    return new Outcome.Done(
                        new RemovedUserJson(id, owner.Key, removed),
                        console => console.MarkupLineInterpolated(
                            $"[green]Removed[/] user [bold]{id}[/] from platform [bold]{owner.Key}[/]; assignments that went with it: {removed.Count}."));
                },
                VerbCommand.Changes);
    }
}

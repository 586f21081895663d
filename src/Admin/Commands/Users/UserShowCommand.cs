using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Assignments;
using Licensing.Platforms;
using Licensing.Users;
using Spectre.Console;

namespace Admin.Commands.Users;

internal sealed class UserShowCommand(UserStore users, AssignmentStore assignments)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        UserArgument reference = new();
        return new Command("show", "Shows everything that is stored about a user: address, assignments and their history.") { platform, reference }
            .WithExamples("user show acme ada@example.org", "user show acme 1 --json")
            .RunsOn<UserShowCommand>(platform, (command, arguments, platform, cancellationToken) =>
                command.RunAsync(platform, arguments.GetRequiredValue(reference), cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, UserReference reference, CancellationToken cancellationToken)
    {
        if (await reference.FindIdAsync(users, platform, cancellationToken) is not { } id
            || await users.FindAsync(platform.Key, id, cancellationToken) is not { } user)
        {
            return Refusals.NoUser(platform);
        }

        List<Assignment> held = await assignments.OfUserAsync(platform.Key, id, cancellationToken).ToListAsync(cancellationToken);
        List<AssignmentChange> history = await assignments.HistoryOfUserAsync(platform.Key, id, cancellationToken)
            .OrderBy(change => change.At).ThenBy(change => change.AssignmentId).ThenBy(change => change.Version)
            .ToListAsync(cancellationToken);
        Dictionary<long, AssignmentTimes> times = await AssignmentTimes.FromAsync(history.ToAsyncEnumerable(), cancellationToken);
        UserOverviewJson overview = new(
            id,
            platform.Key,
            user.Username,
            user.Email?.Text,
            [.. held.Select(assignment => AssignmentJson.Of(assignment, user, times.GetValueOrDefault(assignment.Id)))],
            [.. history.Select(AssignmentChangeJson.Of)]);
        return new Outcome.Done(overview, console =>
        {
            console.MarkupLineInterpolated($"user [bold]{overview.Id}[/] of platform [bold]{overview.PlatformKey}[/]");
            console.MarkupLineInterpolated($"username {overview.Username}");
            console.MarkupLineInterpolated($"e-mail   {overview.Email ?? "none"}");
            Lists.Assignments.Write(overview.Assignments, console);
            Lists.Changes.Write(overview.History, console);
        });
    }
}

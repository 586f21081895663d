using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Users;
using Spectre.Console;

namespace Admin.Commands.Users;

internal sealed class UserAddCommand(UserStore users)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<string> username = new("--username") { Description = "The user's name.", Required = true, CustomParser = ValueParser.Text! };
        Option<EmailAddress?> email = new("--email")
        {
            Description = "The user's e-mail address. A user without one can be found only by id.",
            CustomParser = ValueParser.Email,
        };
        Option<long?> id = new("--id") { Description = "The user's id. [default: the next free one]", CustomParser = ValueParser.Id };
        return new Command("add", "Adds a user.") { platform, username, email, id }
            .WithExamples("user add acme --username ada --email ada@example.org")
            .RunsOn<UserAddCommand>(
                platform,
                (command, arguments, platform, cancellationToken) => command.RunAsync(
                    platform, arguments.GetValue(id), arguments.GetRequiredValue(username), arguments.GetValue(email), cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, long? id, string username, EmailAddress? email, CancellationToken cancellationToken) =>
        await users.AddAsync(platform.Key, id, username, email, cancellationToken) switch
        {
            AddUserOutcome.Added(User user) => new Outcome.Done(UserJson.Of(user), console =>
                console.MarkupLineInterpolated($"[green]Added[/] user [bold]{user.Id}[/] ({user.Username}) to platform [bold]{user.Platform}[/].")),
            AddUserOutcome.IdTaken => new Outcome.Refused($"User {id} already exists on platform {platform.Key}: choose another --id, or omit it."),
            _ => new Outcome.Refused($"Another user of platform {platform.Key} has this e-mail address: use that user, or pass another address."),
        };
}

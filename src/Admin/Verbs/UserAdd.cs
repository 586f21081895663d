using System.CommandLine;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class UserAdd
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Option<string> username = new("--username") { Description = "The user's name.", Required = true, CustomParser = Input.Text! };
        Option<EmailAddress?> email = new("--email")
        {
            Description = "The user's e-mail address; one without is reached by id.",
            CustomParser = Input.Email,
        };
        Option<long?> id = new("--id") { Description = "The user's id. [default: the next free one]", CustomParser = Input.Id };

        return new Command("add", "Adds a user.") { platform, username, email, id }
            .WithExamples("user add acme --username ada --email ada@example.org")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
                await services.GetRequiredService<UserStore>().AddAsync(
                    owner.Key,
                    arguments.GetValue(id),
                    arguments.GetRequiredValue(username),
                    arguments.GetValue(email),
                    cancellationToken) switch
                {
                    AddUserOutcome.Added(User user) => new Outcome.Done(UserJson.Of(user), console =>
                        console.MarkupLineInterpolated($"[green]Added[/] user [bold]{user.Id}[/] ({user.Username}) to platform [bold]{user.Platform}[/].")),
                    AddUserOutcome.IdTaken => new Outcome.Refused(
                        $"User {arguments.GetValue(id)} exists already on platform {owner.Key}: choose another --id, or leave it out."),
                    _ => new Outcome.Refused(
                        $"Another user of platform {owner.Key} has this e-mail address: use that user, or give another address."),
                }, VerbCommand.Changes);
    }
}

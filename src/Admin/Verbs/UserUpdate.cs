using System.CommandLine;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class UserUpdate
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        UserArgument name = new();
        Option<string?> username = new("--username") { Description = "The user's new name.", CustomParser = Input.Text };
        Option<Given<EmailAddress>?> email = new("--email")
        {
            Description = "The user's new e-mail address, or none.",
            CustomParser = Input.OrNone(Input.Email),
        };
        Command command = new("update", "Changes a user's name or e-mail address; assignments stay.") { platform, name, username, email };
        command.Validators.Add(result =>
        {
            if (result.GetResult(username) is null && result.GetResult(email) is null)
            {
                result.AddError("Say what to change: --username, --email or both.");
            }
        });
        return command
            .WithExamples("user update acme ada@example.org --email ada@example.com", "user update acme 1 --username ada.lovelace")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    UserStore users = services.GetRequiredService<UserStore>();
                    if (await UserArgument.FindIdAsync(users, owner, arguments.GetRequiredValue(name), cancellationToken) is not { } id)
                    {
                        return UserArgument.NotFound(owner);
                    }

                    return await users.UpdateAsync(
                        owner.Key,
                        id,
                        user => user with
                        {
                            Username = arguments.GetValue(username) ?? user.Username,
                            Email = arguments.GetValue(email) is { } address ? address.Value : user.Email,
                        },
                        cancellationToken) switch
                    {
                        UpdateUserOutcome.Updated(var user) => new Outcome.Done(UserJson.Of(user), console =>
                            console.MarkupLineInterpolated($"[green]Updated[/] user [bold]{user.Id}[/] ({user.Username}) of platform [bold]{user.Platform}[/].")),
                        UpdateUserOutcome.EmailTaken => new Outcome.Refused(
                            $"Another user of platform {owner.Key} has this e-mail address: give another."),
                        _ => UserArgument.NotFound(owner),
                    };
                },
                VerbCommand.Changes);
    }
}

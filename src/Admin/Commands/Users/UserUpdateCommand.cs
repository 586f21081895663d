using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Users;
using Spectre.Console;

namespace Admin.Commands.Users;

internal sealed class UserUpdateCommand(UserStore users)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        UserArgument reference = new();
        Option<string?> username = new("--username") { Description = "The user's new name.", CustomParser = ValueParser.Text };
        Option<OrNone<EmailAddress>?> email = new("--email")
        {
            Description = "The user's new e-mail address, or none.",
            CustomParser = ValueParser.OrNone(ValueParser.Email),
        };
        Command command = new("update", "Changes a user's name or e-mail address; assignments stay.") { platform, reference, username, email };
        command.Validators.Add(result =>
        {
            if (result.GetResult(username) is null && result.GetResult(email) is null)
            {
                result.AddError("Nothing to change: pass --username, --email or both.");
            }
        });
        return command
            .WithExamples("user update acme ada@example.org --email ada@example.com", "user update acme 1 --username ada.lovelace")
            .RunsOn<UserUpdateCommand>(
                platform,
                (update, arguments, platform, cancellationToken) => update.RunAsync(
                    platform,
                    arguments.GetRequiredValue(reference),
                    user => user with
                    {
                        Username = arguments.GetValue(username) ?? user.Username,
                        Email = arguments.GetValue(email) is { } address ? address.Value : user.Email,
                    },
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, UserReference reference, Func<User, User> change, CancellationToken cancellationToken)
    {
        if (await reference.FindIdAsync(users, platform, cancellationToken) is not { } id)
        {
            return Refusals.NoUser(platform);
        }

        return await users.UpdateAsync(platform.Key, id, change, cancellationToken) switch
        {
            UpdateUserOutcome.Updated(var user) => new Outcome.Done(UserJson.Of(user), console =>
                console.MarkupLineInterpolated($"[green]Updated[/] user [bold]{user.Id}[/] ({user.Username}) of platform [bold]{user.Platform}[/].")),
            UpdateUserOutcome.EmailTaken => new Outcome.Refused(
                $"Another user of platform {platform.Key} has this e-mail address: pass another one."),
            _ => Refusals.NoUser(platform),
        };
    }
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Commands.Users;

internal sealed class UserListCommand(UserStore users)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<EmailAddress?> email = new("--email") { Description = "Only the user with this e-mail address.", CustomParser = ValueParser.Email };
        return new Command("list", "Lists a platform's users, by id.") { platform, email }
            .PrintsCsv()
            .WithExamples("user list acme", "user list acme --email ada@example.org --json")
            .RunsOn<UserListCommand>(platform, (command, arguments, platform, cancellationToken) =>
                command.RunAsync(platform, arguments.GetValue(email), cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, EmailAddress? email, CancellationToken cancellationToken)
    {
        List<UserJson> rows = email is null
            ? await users.OfPlatformAsync(platform.Key, cancellationToken).Select(UserJson.Of).ToListAsync(cancellationToken)
            : await users.FindAsync(platform.Key, email, cancellationToken) is { } user ? [UserJson.Of(user)] : [];
        return new Outcome.Done(rows, console => Lists.Users.Write(rows, console));
    }
}

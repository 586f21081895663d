using System.CommandLine;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class UserList
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Option<EmailAddress?> email = new("--email") { Description = "Only the one with this e-mail address.", CustomParser = Input.Email };
        return new Command("list", "Lists a platform's users, by id.") { platform, email }
            .WithExamples("user list acme", "user list acme --email ada@example.org --json")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
            {
                UserStore users = services.GetRequiredService<UserStore>();
                List<UserJson> rows = arguments.GetValue(email) is not { } address
                    ? await users.OfPlatformAsync(owner.Key, cancellationToken).Select(UserJson.Of).ToListAsync(cancellationToken)
                    : await users.FindAsync(owner.Key, address, cancellationToken) is { } user ? [UserJson.Of(user)] : [];
                return new Outcome.Done(rows, console => Show(rows, console));
            });
    }

    private static void Show(List<UserJson> rows, IAnsiConsole console)
    {
        if (rows.Count == 0)
        {
            console.WriteLine("No users.");
            return;
        }

        Listing table = new(ListingColumn.Number("id"), ListingColumn.Text("username"), ListingColumn.Text("e-mail"));
        foreach (UserJson row in rows)
        {
            table.Add(Format.Id(row.Id), new Text(row.Username), new Text(row.Email ?? ""));
        }

        table.Write(console);
    }
}

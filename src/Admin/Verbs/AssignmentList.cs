using System.CommandLine;
using System.Globalization;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class AssignmentList
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Option<long?> license = new("--license") { Description = "Only those of this license, by its id.", CustomParser = Input.Id };
        Option<EmailAddress?> email = new("--email") { Description = "Only those of the user with this e-mail address.", CustomParser = Input.Email };

        return new Command("list", "Lists assignments, by user.") { platform, license, email }
            .WithExamples("assignment list acme --license 1", "assignment list acme --email ada@example.org --json")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
            {
                long? licenseId = arguments.GetValue(license);
                if (licenseId is { } wanted
                    && await services.GetRequiredService<LicenseStore>().FindAsync(owner.Key, wanted, cancellationToken) is null)
                {
                    return new Outcome.Refused($"License {wanted} does not exist on platform {owner.Key}: check its id.");
                }

                UserStore users = services.GetRequiredService<UserStore>();
                AssignmentStore assignments = services.GetRequiredService<AssignmentStore>();
                List<AssignmentJson> rows;
                if (arguments.GetValue(email) is { } address)
                {
                    if (await users.FindAsync(owner.Key, address, cancellationToken) is not { } user)
                    {
                        return new Outcome.Refused($"No user of platform {owner.Key} has this e-mail address: check it, or add the user with 'user add'.");
                    }

                    rows = await Matching(assignments.OfUserAsync(owner.Key, user.Id, cancellationToken), licenseId)
                        .Select(assignment => AssignmentJson.Of(assignment, user))
                        .ToListAsync(cancellationToken);
                }
                else
                {
                    List<Assignment> found = await Matching(assignments.OfPlatformAsync(owner.Key, cancellationToken), licenseId)
                        .ToListAsync(cancellationToken);
                    // Read after them, so that each has its user.
                    Dictionary<long, User> byId = await users.OfPlatformAsync(owner.Key, cancellationToken)
                        .ToDictionaryAsync(user => user.Id, cancellationToken: cancellationToken);
                    rows = [.. found.Select(assignment => AssignmentJson.Of(assignment, byId.GetValueOrDefault(assignment.UserId)))];
                }

                return new Outcome.Done(rows, console => Show(rows, console));
            });
    }

    private static IAsyncEnumerable<Assignment> Matching(IAsyncEnumerable<Assignment> assignments, long? license) =>
        license is null ? assignments : assignments.Where(assignment => assignment.LicenseId == license);

    private static void Show(List<AssignmentJson> rows, IAnsiConsole console)
    {
        if (rows.Count == 0)
        {
            console.WriteLine("No assignments.");
            return;
        }

        Listing table = new(
            ListingColumn.Number("id"),
            ListingColumn.Number("user"),
            ListingColumn.Text("username"),
            ListingColumn.Text("e-mail"),
            ListingColumn.Number("license"),
            new("active"),
            new("fulfilled"));
        foreach (AssignmentJson row in rows)
        {
            table.Add(
                Number(row.Id),
                Number(row.UserId),
                new Text(row.Username ?? ""),
                new Text(row.Email ?? ""),
                Number(row.LicenseId),
                new Text(row.Active ? "yes" : "no"),
                new Text(row.Fulfilled ? "yes" : "no"));
        }

        table.Write(console);
    }

    private static Text Number(long number) => new(number.ToString(CultureInfo.InvariantCulture));
}

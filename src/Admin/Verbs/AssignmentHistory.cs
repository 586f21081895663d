using System.CommandLine;
using System.Globalization;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class AssignmentHistory
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Option<long?> id = new("--id") { Description = "Of the assignment with this id, also one that was deleted.", CustomParser = Input.Id };
        Option<long?> license = new("--license") { Description = "Of this license's assignments, by its id.", CustomParser = Input.Id };
        Option<EmailAddress?> email = new("--email") { Description = "Of the assignments of the user with this e-mail address.", CustomParser = Input.Email };

        Command command = new("history", "Shows who changed assignments, when, and from what to what; oldest first.")
        {
            platform, id, license, email,
        };
        command.Validators.Add(result =>
        {
            if (new Option[] { id, license, email }.Count(option => result.GetResult(option) is not null) != 1)
            {
                result.AddError("Give one of --id, --license and --email.");
            }
        });
        return command.WithExamples("assignment history acme --id 17", "assignment history acme --email ada@example.org")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
        {
            AssignmentStore assignments = services.GetRequiredService<AssignmentStore>();
            IAsyncEnumerable<Change> history;
            if (arguments.GetValue(id) is { } assignmentId)
            {
                history = assignments.HistoryAsync(owner.Key, assignmentId, cancellationToken);
                if (!await history.AnyAsync(cancellationToken))
                {
                    return new Outcome.Refused($"Platform {owner.Key} never had an assignment {assignmentId}: check its id.");
                }
            }
            else if (arguments.GetValue(license) is { } licenseId)
            {
                if (await services.GetRequiredService<LicenseStore>().FindAsync(owner.Key, licenseId, cancellationToken) is null)
                {
                    return new Outcome.Refused($"License {licenseId} does not exist on platform {owner.Key}: check its id.");
                }

                history = assignments.HistoryAsync(owner.Key, cancellationToken).Where(change => change.LicenseId == licenseId);
            }
            else
            {
                if (await services.GetRequiredService<UserStore>().FindAsync(owner.Key, arguments.GetValue(email)!, cancellationToken) is not { } user)
                {
                    return new Outcome.Refused($"No user of platform {owner.Key} has this e-mail address: check it.");
                }

                history = assignments.HistoryAsync(owner.Key, cancellationToken).Where(change => change.UserId == user.Id);
            }

            List<ChangeJson> changes = await history
                .OrderBy(change => change.At).ThenBy(change => change.AssignmentId).ThenBy(change => change.Version)
                .Select(ChangeJson.Of)
                .ToListAsync(cancellationToken);
            return new Outcome.Done(changes, console => Show(changes, console));
        });
    }

    internal static void Show(List<ChangeJson> changes, IAnsiConsole console)
    {
        if (changes.Count == 0)
        {
            console.WriteLine("No changes.");
            return;
        }

        Listing table = new(
            new("at (UTC)"),
            ListingColumn.Text("by"),
            ListingColumn.Number("assignment"),
            ListingColumn.Number("user"),
            ListingColumn.Number("license"),
            ListingColumn.Text("before"),
            ListingColumn.Text("after"));
        foreach (ChangeJson change in changes)
        {
            table.Add(
                new Text(change.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)),
                new Text(change.By),
                Number(change.AssignmentId),
                Number(change.UserId),
                Number(change.LicenseId),
                new Text(change.Before is { } before ? State(before) : "created"),
                new Text(change.After is { } after ? State(after) : "deleted"));
        }

        table.Write(console);
    }

    private static string State(StateJson state) =>
        (state.Active ? "active" : "inactive")
        + (state.Fulfilled ? ", fulfilled" : "")
        + (state.Metadata == "{}" ? "" : $" {state.Metadata}");

    private static Text Number(long number) => new(number.ToString(CultureInfo.InvariantCulture));
}

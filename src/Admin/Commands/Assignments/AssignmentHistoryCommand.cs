using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentHistoryCommand(AssignmentStore assignments, LicenseStore licenses, UserStore users)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<long?> id = new("--id") { Description = "Changes of the assignment with this id, which may have been deleted.", CustomParser = ValueParser.Id };
        Option<long?> license = new("--license") { Description = "Changes of all assignments of the license with this id.", CustomParser = ValueParser.Id };
        Option<EmailAddress?> email = new("--email") { Description = "Changes of all assignments of the user with this e-mail address.", CustomParser = ValueParser.Email };

        Command command = new("history", "Shows the changes of assignments, oldest first: when, by whom, and the states before and after.")
        {
            platform, id, license, email,
        };
        command.Validators.Add(result =>
        {
            if (new Option[] { id, license, email }.Count(option => result.GetResult(option) is not null) != 1)
            {
                result.AddError("Pass exactly one of --id, --license and --email.");
            }
        });
        return command.PrintsCsv().WithExamples("assignment history acme --id 17", "assignment history acme --email ada@example.org")
            .RunsOn<AssignmentHistoryCommand>(platform, (history, arguments, platform, cancellationToken) =>
                arguments.GetValue(id) is { } assignmentId ? history.OfAssignmentAsync(platform, assignmentId, cancellationToken)
                : arguments.GetValue(license) is { } licenseId ? history.OfLicenseAsync(platform, licenseId, cancellationToken)
                : history.OfUserAsync(platform, arguments.GetValue(email)!, cancellationToken));
    }

    private async Task<Outcome> OfAssignmentAsync(Platform platform, long id, CancellationToken cancellationToken)
    {
        List<AssignmentChange> changes = await assignments.HistoryAsync(platform.Key, id, cancellationToken).ToListAsync(cancellationToken);
        return changes.Count == 0
            ? new Outcome.Refused($"Platform {platform.Key} never had an assignment {id}: check its id.")
            : Done(changes);
    }

    private async Task<Outcome> OfLicenseAsync(Platform platform, long licenseId, CancellationToken cancellationToken) =>
        await licenses.FindAsync(platform.Key, licenseId, cancellationToken) is null
            ? Refusals.NoLicense(platform, licenseId)
            : await MatchingAsync(platform, change => change.LicenseId == licenseId, cancellationToken);

    private async Task<Outcome> OfUserAsync(Platform platform, EmailAddress email, CancellationToken cancellationToken) =>
        await users.FindAsync(platform.Key, email, cancellationToken) is not { } user
            ? Refusals.NoUser(platform)
            : await MatchingAsync(platform, change => change.UserId == user.Id, cancellationToken);

    private async Task<Outcome> MatchingAsync(Platform platform, Func<AssignmentChange, bool> matches, CancellationToken cancellationToken) =>
        Done(await assignments.HistoryAsync(platform.Key, cancellationToken).Where(matches).ToListAsync(cancellationToken));

    private static Outcome.Done Done(IEnumerable<AssignmentChange> changes)
    {
        List<AssignmentChangeJson> rows = [.. changes
            .OrderBy(change => change.At).ThenBy(change => change.AssignmentId).ThenBy(change => change.Version)
            .Select(AssignmentChangeJson.Of)];
        return new Outcome.Done(rows, console => Lists.Changes.Write(rows, console));
    }
}

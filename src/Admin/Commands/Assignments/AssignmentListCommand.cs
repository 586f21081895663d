using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentListCommand(AssignmentStore assignments, LicenseStore licenses, UserStore users)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<long?> license = new("--license") { Description = "Only assignments of the license with this id.", CustomParser = ValueParser.Id };
        Option<EmailAddress?> email = new("--email") { Description = "Only assignments of the user with this e-mail address.", CustomParser = ValueParser.Email };
        return new Command("list", "Lists assignments, by user.") { platform, license, email }
            .WithExamples("assignment list acme --license 1", "assignment list acme --email ada@example.org --json")
            .RunsOn<AssignmentListCommand>(platform, (command, arguments, owner, cancellationToken) =>
                command.RunAsync(owner, arguments.GetValue(license), arguments.GetValue(email), cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform owner, long? licenseId, EmailAddress? email, CancellationToken cancellationToken)
    {
        if (licenseId is { } wanted && await licenses.FindAsync(owner.Key, wanted, cancellationToken) is null)
        {
            return Refusals.NoLicense(owner, wanted);
        }

        User? user = null;
        if (email is not null && (user = await users.FindAsync(owner.Key, email, cancellationToken)) is null)
        {
            return Refusals.NoUser(owner);
        }

        List<Assignment> found = await (user is null
                ? assignments.OfPlatformAsync(owner.Key, cancellationToken)
                : assignments.OfUserAsync(owner.Key, user.Id, cancellationToken))
            .Where(assignment => licenseId is null || assignment.LicenseId == licenseId)
            .ToListAsync(cancellationToken);
        // Read after the assignments, so that each has its user.
        Dictionary<long, User> byId = user is not null
            ? new() { [user.Id] = user }
            : await users.OfPlatformAsync(owner.Key, cancellationToken).ToDictionaryAsync(one => one.Id, cancellationToken: cancellationToken);
        List<AssignmentJson> rows = [.. found.Select(assignment => AssignmentJson.Of(assignment, byId.GetValueOrDefault(assignment.UserId)))];
        return new Outcome.Done(rows, console => Lists.Assignments.Write(rows, console));
    }
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;

namespace Admin.Commands.Assignments;

internal sealed class AssignmentListCommand(AssignmentStore assignments, LicenseStore licenses, UserStore users, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<long?> license = new("--license") { Description = "Only assignments of the license with this id.", CustomParser = ValueParser.Id };
        Option<EmailAddress?> email = new("--email") { Description = "Only assignments of the user with this e-mail address.", CustomParser = ValueParser.Email };
        Option<bool> active = new("--active") { Description = "Only active assignments, which use a seat." };
        Option<bool> pending = new("--pending") { Description = "Only pending assignments, which use no seat." };
        Option<DateTimeOffset?> since = new("--since") { Description = "Only assignments changed at this time or later: ISO 8601.", CustomParser = ValueParser.Start };
        Option<TimeSpan?> olderThan = new("--older-than") { Description = "Only assignments not changed for this long, such as 90d.", CustomParser = ValueParser.Duration };
        Command command = new("list", "Lists assignments, by user, with the time and the author of their last change.") { platform, license, email, active, pending, since, olderThan };
        command.Validators.Add(result =>
        {
            if (result.GetResult(active) is not null && result.GetResult(pending) is not null)
            {
                result.AddError("Pass --active or --pending, not both.");
            }
        });
        return command.PrintsCsv()
            .WithExamples(
                "assignment list acme --license 1",
                "assignment list acme --pending --older-than 90d",
                "assignment list acme --license 1 --active --csv | license-admin assignment import acme --license 2 -")
            .RunsOn<AssignmentListCommand>(platform, (list, arguments, platform, cancellationToken) => list.RunAsync(
                platform,
                arguments.GetValue(license),
                arguments.GetValue(email),
                new Filter(
                    arguments.GetValue(active) ? true : arguments.GetValue(pending) ? false : null,
                    arguments.GetValue(since),
                    list.Before(arguments.GetValue(olderThan))),
                cancellationToken));
    }

    private DateTimeOffset? Before(TimeSpan? age) => age is { } ago ? time.GetUtcNow() - ago : null;

    private async Task<Outcome> RunAsync(
        Platform platform, long? licenseId, EmailAddress? email, Filter filter, CancellationToken cancellationToken)
    {
        if (licenseId is { } wanted && await licenses.FindAsync(platform.Key, wanted, cancellationToken) is null)
        {
            return Refusals.NoLicense(platform, wanted);
        }

        User? user = null;
        if (email is not null && (user = await users.FindAsync(platform.Key, email, cancellationToken)) is null)
        {
            return Refusals.NoUser(platform);
        }

        List<Assignment> found = await (user is null
                ? assignments.OfPlatformAsync(platform.Key, cancellationToken)
                : assignments.OfUserAsync(platform.Key, user.Id, cancellationToken))
            .Where(assignment => (licenseId is null || assignment.LicenseId == licenseId)
                && (filter.Active is null || assignment.State.Active == filter.Active))
            .ToListAsync(cancellationToken);
        // Read users and history after the assignments, so that none is missing for an assignment.
        Dictionary<long, User> byId = user is not null
            ? new() { [user.Id] = user }
            : await users.OfPlatformAsync(platform.Key, cancellationToken).ToDictionaryAsync(one => one.Id, cancellationToken: cancellationToken);
        Dictionary<long, AssignmentTimes> times = await AssignmentTimes.FromAsync(
            user is null ? assignments.HistoryAsync(platform.Key, cancellationToken) : HistoryOf(found, cancellationToken), cancellationToken);
        List<AssignmentJson> rows = [.. found
            .Select(assignment => AssignmentJson.Of(assignment, byId.GetValueOrDefault(assignment.UserId), times.GetValueOrDefault(assignment.Id)))
            .Where(row => !(row.Changed < filter.Since) && !(row.Changed >= filter.UnchangedSince))];
        return new Outcome.Done(rows, console => Lists.Assignments.Write(rows, console));
    }

    private IAsyncEnumerable<AssignmentChange> HistoryOf(List<Assignment> found, CancellationToken cancellationToken) =>
        found.ToAsyncEnumerable().SelectMany(assignment => assignments.HistoryAsync(assignment.Platform, assignment.Id, cancellationToken));

    /// <param name="Active">Null for both.</param>
    private sealed record Filter(bool? Active, DateTimeOffset? Since, DateTimeOffset? UnchangedSince);
}

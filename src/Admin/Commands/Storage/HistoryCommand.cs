using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Storage;

internal sealed class HistoryCommand(AssignmentStore assignments, LicenseHistory licenses, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<DateTimeOffset?> since = new("--since") { Description = "Only events at this time or later: ISO 8601. [default: from the beginning]", CustomParser = ValueParser.Start };
        Option<FeedCursor?> after = new("--after") { Description = "Only events after this cursor, which an earlier 'history' printed.", CustomParser = FeedCursor.Parse };
        Command command = new("history", "Shows all events of a platform's licenses and assignments, oldest first, and a cursor to continue from.") { platform, since, after };
        command.Validators.Add(result =>
        {
            if (result.GetResult(since) is not null && result.GetResult(after) is not null)
            {
                result.AddError("Pass --since or --after, not both.");
            }
        });
        return command.PrintsCsv()
            .WithExamples("history acme --since 2026-11-01", "history acme --since 2026-11-01 --json")
            .RunsOn<HistoryCommand>(platform, (history, arguments, platform, cancellationToken) => history.RunAsync(
                platform,
                arguments.GetValue(after) ?? new FeedCursor(arguments.GetValue(since) ?? DateTimeOffset.MinValue, new HashSet<string>()),
                cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, FeedCursor from, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<EventJson> all = await Terminal.ShowingAsync("Reading the history", async report => (List<EventJson>)
        [
            .. await assignments.HistorySinceAsync(platform.Key, from.Since, cancellationToken).Reporting("Reading the history", report)
                .Select(EventJson.Of).ToListAsync(cancellationToken),
            .. await licenses.OfPlatformAsync(platform.Key, cancellationToken).Where(change => change.At >= from.Since).Select(EventJson.Of).ToListAsync(cancellationToken),
        ]);
        List<EventJson> fresh = [.. all.Where(each => !from.Shown.Contains(each.Id)).OrderBy(each => each.At).ThenBy(each => each.Id, StringComparer.Ordinal)];
        string cursor = from.Next(all, now).ToString();
        return new Outcome.Done(
            new FeedJson(fresh, cursor),
            console =>
            {
                Lists.Events.Write(fresh, console);
                console.Profile.Out.Writer.WriteLine($"To continue from here: --after {cursor}");
            })
        { Rows = fresh };
    }
}

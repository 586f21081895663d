using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Spectre.Console;

namespace Admin.Commands.Platforms;

internal sealed class PlatformShowCommand(
    LicenseStore licenses, ApiKeyStore keys, UserStore users, AssignmentStore assignments, TimeProvider time)
{
    private const int LastChanges = 10;

    public static Command Define()
    {
        PlatformArgument platform = new();
        return new Command("show", "Summarizes a platform: licenses, seats, users, assignments, API keys and the last changes.") { platform }
            .WithExamples("platform show acme", "platform show acme --json")
            .RunsOn<PlatformShowCommand>(platform, (command, _, platform, cancellationToken) => command.RunAsync(platform, cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        PlatformOverviewJson overview = await Terminal.ShowingAsync(
            $"Reading {platform.Key}", report => ReadAsync(platform, report, cancellationToken));
        return new Outcome.Done(overview, console => Show(overview, now, console));
    }

    private async Task<PlatformOverviewJson> ReadAsync(Platform platform, Action<string> report, CancellationToken cancellationToken)
    {
        List<LicenseJson> licensesOfPlatform = await licenses
            .OfPlatformAsync(platform.Key, cancellationToken).Select(LicenseJson.Of).ToListAsync(cancellationToken);
        IReadOnlyList<ApiKey> keysOfPlatform = await keys.OfPlatformAsync(platform.Key, cancellationToken);
        report("Counting users");
        long userCount = await users.OfPlatformAsync(platform.Key, cancellationToken).LongCountAsync(cancellationToken);
        report("Counting assignments");
        (long active, long pending) = (0, 0);
        await foreach (Assignment assignment in assignments.OfPlatformAsync(platform.Key, cancellationToken))
        {
            (active, pending) = assignment.State.Active ? (active + 1, pending) : (active, pending + 1);
        }

        report("Reading the history");
        return new PlatformOverviewJson(
            platform.Key,
            platform.Org,
            platform.Suspended,
            licensesOfPlatform.Exists(license => license.Seats is null)
                ? null
                : licensesOfPlatform.Aggregate(Int128.Zero, (sum, license) => sum + license.Seats!.Value),
            licensesOfPlatform.Aggregate(Int128.Zero, (sum, license) => sum + license.SeatsUsed),
            userCount,
            active,
            pending,
            licensesOfPlatform,
            [.. keysOfPlatform.Select(ApiKeyJson.Of)],
            await LastChangesAsync(platform, cancellationToken));
    }

    /// <summary>
    /// Returns the newest changes, newest first. The history is sorted by assignment, so this reads all of it and keeps the
    /// newest.
    /// </summary>
    private async Task<List<AssignmentChangeJson>> LastChangesAsync(Platform platform, CancellationToken cancellationToken)
    {
        PriorityQueue<AssignmentChange, (DateTimeOffset, long, long)> newest = new();
        await foreach (AssignmentChange change in assignments.HistoryAsync(platform.Key, cancellationToken))
        {
            newest.Enqueue(change, (change.At, change.AssignmentId, change.Version));
            if (newest.Count > LastChanges)
            {
                newest.Dequeue();
            }
        }

        List<AssignmentChangeJson> changes = [];
        while (newest.TryDequeue(out AssignmentChange? change, out _))
        {
            changes.Insert(0, AssignmentChangeJson.Of(change));
        }

        return changes;
    }

    private static void Show(PlatformOverviewJson platform, DateTimeOffset now, IAnsiConsole console)
    {
        console.MarkupLine(
            $"[bold]{Markup.Escape(platform.PlatformKey)}[/]"
            + (platform.PlatformOrg is { } org ? $" ({Markup.Escape(org)})" : "")
            + (platform.Suspended ? " [bold red]suspended[/]" : ""));
        console.MarkupLineInterpolated(
            $"users {platform.Users:N0}, assignments {platform.Active:N0} active and {platform.Pending:N0} pending, seats used {platform.SeatsUsed:N0} of {Cells.Seats(platform.Seats)}");
        Lists.Licenses.Write(platform.Licenses, console);
        Lists.ApiKeys(now).Write(platform.Keys, console);
        Lists.Changes.Write(platform.LastChanges, console);
    }
}

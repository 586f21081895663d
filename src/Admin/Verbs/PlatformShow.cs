using System.CommandLine;
using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Users;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class PlatformShow
{
    private const int LastChanges = 10;

    public static Command Command()
    {
        PlatformArgument platform = new();
        return new Command("show", "Shows a platform at a glance: licenses, seats, assignments, keys, last changes.") { platform }
            .WithExamples("platform show acme", "platform show acme --json")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
            {
                DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
                PlatformShowJson picture = await Terminal.ShowingAsync(
                    $"Reading {owner.Key}", tell => ReadAsync(services, owner, tell, cancellationToken));
                return new Outcome.Done(picture, console => Show(picture, now, console));
            });
    }

    private static async Task<PlatformShowJson> ReadAsync(
        IServiceProvider services, Platform platform, Action<string> tell, CancellationToken cancellationToken)
    {
        List<LicenseJson> licenses = await services.GetRequiredService<LicenseStore>()
            .OfPlatformAsync(platform.Key, cancellationToken).Select(LicenseJson.Of).ToListAsync(cancellationToken);
        IReadOnlyList<ApiKey> keys = await services.GetRequiredService<ApiKeyStore>().OfPlatformAsync(platform.Key, cancellationToken);
        tell("Counting users");
        long users = await services.GetRequiredService<UserStore>().OfPlatformAsync(platform.Key, cancellationToken).LongCountAsync(cancellationToken);
        tell("Counting assignments");
        AssignmentStore assignments = services.GetRequiredService<AssignmentStore>();
        (long active, long pending) = (0, 0);
        await foreach (Assignment assignment in assignments.OfPlatformAsync(platform.Key, cancellationToken))
        {
            (active, pending) = assignment.State.Active ? (active + 1, pending) : (active, pending + 1);
        }

        tell("Reading the history");
        // The history is in order of assignment: the newest of it are kept while it streams by.
        PriorityQueue<Change, (DateTimeOffset, long, long)> newest = new();
        await foreach (Change change in assignments.HistoryAsync(platform.Key, cancellationToken))
        {
            newest.Enqueue(change, (change.At, change.AssignmentId, change.Version));
            if (newest.Count > LastChanges)
            {
                newest.Dequeue();
            }
        }

        List<ChangeJson> changes = [];
        while (newest.TryDequeue(out Change? change, out _))
        {
            changes.Insert(0, ChangeJson.Of(change));
        }

        return new PlatformShowJson(
            platform.Key,
            platform.Org,
            platform.Suspended,
            licenses.Exists(license => license.Seats is null) ? null : licenses.Aggregate(Int128.Zero, (sum, license) => sum + license.Seats!.Value),
            licenses.Aggregate(Int128.Zero, (sum, license) => sum + license.SeatsUsed),
            users,
            active,
            pending,
            licenses,
            [.. keys.Select(ListedKeyJson.Of)],
            changes);
    }

    private static void Show(PlatformShowJson platform, DateTimeOffset now, IAnsiConsole console)
    {
        console.MarkupLine(
            $"[bold]{Markup.Escape(platform.PlatformKey)}[/]"
            + (platform.PlatformOrg is { } org ? $" ({Markup.Escape(org)})" : "")
            + (platform.Suspended ? " [bold red]suspended[/]" : ""));
        console.MarkupLineInterpolated(
            $"users {platform.Users:N0}, assignments {platform.Active:N0} active and {platform.Pending:N0} pending, seats used {platform.SeatsUsed:N0} of {Format.Seats(platform.Seats)}");
        LicenseList.Show([.. platform.Licenses], console);
        KeyList.Show([.. platform.Keys], now, console);
        AssignmentHistory.Show([.. platform.LastChanges], console);
    }
}

using System.CommandLine;
using Licensing.ApiKeys;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class KeyList
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        return new Command("list", "Lists a platform's API keys with their expiry and last use, oldest first.") { platform }
            .WithExamples("key list acme", "key list acme --json")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
            {
                DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
                List<ListedKeyJson> keys = [.. (await services.GetRequiredService<ApiKeyStore>()
                    .OfPlatformAsync(owner.Key, cancellationToken)).Select(ListedKeyJson.Of)];
                return new Outcome.Done(keys, console => Show(keys, now, console));
            });
    }

    internal static void Show(List<ListedKeyJson> keys, DateTimeOffset now, IAnsiConsole console)
    {
        if (keys.Count == 0)
        {
            console.WriteLine("No API keys.");
            return;
        }

        Listing table = new(
            new("key id"),
            ListingColumn.Text("name"),
            new("created"),
            new("expires"),
            new("last used, to the hour"),
            new("state"));
        foreach (ListedKeyJson key in keys)
        {
            table.Add(
                new Text(key.KeyId),
                new Text(key.Name ?? ""),
                Format.Instant(key.Created),
                key.Expires is null ? new Text("never") : Format.Instant(key.Expires),
                key.LastUsed is null ? new Text("never") : Format.Instant(key.LastUsed),
                State(key, now));
        }

        table.Write(console);
    }

    private static Markup State(ListedKeyJson key, DateTimeOffset now) =>
        key.Revoked is not null ? new Markup("[red]revoked[/]")
        : now >= key.Expires ? new Markup("[red]expired[/]")
        : new Markup("[green]valid[/]");
}

using System.CommandLine;
using Licensing.Platforms;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class PlatformList
{
    public static Command Command() => new Command("list", "Lists platforms, by key.")
        .WithExamples("platform list", "platform list --json")
        .Runs(async (arguments, services, cancellationToken) =>
        {
            List<PlatformJson> platforms = await services.GetRequiredService<PlatformStore>()
                .AllAsync(cancellationToken).Select(PlatformJson.Of).ToListAsync(cancellationToken);
            return new Outcome.Done(platforms, console => Show(platforms, console));
        });

    private static void Show(List<PlatformJson> platforms, IAnsiConsole console)
    {
        if (platforms.Count == 0)
        {
            console.WriteLine("No platforms.");
            return;
        }

        Listing table = new(ListingColumn.Text("platform"), ListingColumn.Text("organisation"), new("suspended"));
        foreach (PlatformJson platform in platforms)
        {
            table.Add(new Text(platform.PlatformKey), new Text(platform.PlatformOrg ?? ""), Format.YesNo(platform.Suspended));
        }

        table.Write(console);
    }
}

using System.CommandLine;
using Licensing.Licenses;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class LicenseList
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        return new Command("list", "Lists a platform's licenses with their seats; over 90 % used stands out.") { platform }
            .WithExamples("license list acme", "license list acme --json")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
            {
                List<LicenseJson> licenses = await services.GetRequiredService<LicenseStore>()
                    .OfPlatformAsync(owner.Key, cancellationToken).Select(LicenseJson.Of).ToListAsync(cancellationToken);
                return new Outcome.Done(licenses, console => Show(licenses, console));
            });
    }

    internal static void Show(List<LicenseJson> licenses, IAnsiConsole console)
    {
        if (licenses.Count == 0)
        {
            console.WriteLine("No licenses.");
            return;
        }

        Listing table = new(
            ListingColumn.Number("id"),
            ListingColumn.Text("name"),
            ListingColumn.Number("used"),
            ListingColumn.Number("total"),
            ListingColumn.Number("free"),
            new(""),
            new("active"),
            new("expires"));
        foreach (LicenseJson license in licenses)
        {
            table.Add(
                Format.Id(license.Id),
                new Text(license.Name),
                Format.Number(license.SeatsUsed),
                new Text(Format.Seats(license.Seats)),
                Format.Number(license.Seats is { } seats ? Math.Max(0, seats - license.SeatsUsed) : null),
                Format.Bar(license.SeatsUsed, license.Seats),
                Format.YesNo(license.Active),
                Format.Instant(license.Expires));
        }

        table.Write(console);
    }
}

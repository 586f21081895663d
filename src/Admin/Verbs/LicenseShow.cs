using System.CommandLine;
using Licensing.Licenses;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class LicenseShow
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        LicenseArgument id = new();
        return new Command("show", "Shows a license.") { platform, id }
            .WithExamples("license show acme 1", "license show acme 1 --json")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
            {
                long licenseId = arguments.GetValue(id)!.Value;
                return await services.GetRequiredService<LicenseStore>().FindAsync(owner.Key, licenseId, cancellationToken) is not { } license
                    ? LicenseArgument.NotFound(owner, licenseId)
                    : new Outcome.Done(LicenseJson.Of(license), console => Show(license, console));
            });
    }

    private static void Show(License license, IAnsiConsole console)
    {
        Grid grid = new Grid().AddColumn().AddColumn();
        grid.AddRow(new Text("name"), new Text(license.Name));
        grid.AddRow(new Text("seats"), new Text($"{license.SeatsUsed:N0} used of {Format.Seats(license.Seats)}"));
        if (license.Seats is not null)
        {
            grid.AddRow(new Text(""), Format.Bar(license.SeatsUsed, license.Seats));
        }

        grid.AddRow(new Text("active"), Format.YesNo(license.Active));
        grid.AddRow(new Text("starts"), license.Starts is null ? new Text("at once") : Format.Instant(license.Starts));
        grid.AddRow(new Text("expires"), license.Expires is null ? new Text("never") : Format.Instant(license.Expires));
        grid.AddRow(new Text("redirect to"), new Text(license.RedirectTo?.OriginalString ?? "nowhere"));
        console.Write(grid);
    }
}

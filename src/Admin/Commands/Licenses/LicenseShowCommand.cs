using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Licenses;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Licenses;

internal sealed class LicenseShowCommand(LicenseStore licenses)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        LicenseArgument license = new();
        return new Command("show", "Shows a license.") { platform, license }
            .WithExamples("license show acme 1", "license show acme 1 --json")
            .RunsOn<LicenseShowCommand>(platform, (command, arguments, platform, cancellationToken) =>
                command.RunAsync(platform, license.IdIn(arguments), cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, long id, CancellationToken cancellationToken) =>
        await licenses.FindAsync(platform.Key, id, cancellationToken) is { } license
            ? new Outcome.Done(LicenseJson.Of(license), console => Show(license, console))
            : Refusals.NoLicense(platform, id);

    private static void Show(License license, IAnsiConsole console)
    {
        Grid grid = new Grid().AddColumn().AddColumn();
        grid.AddRow(Cells.Text("name"), Cells.Text(license.Name));
        grid.AddRow(Cells.Text("seats"), Cells.Text($"{license.SeatsUsed:N0} used of {Cells.Seats(license.Seats)}"));
        if (license.Seats is not null)
        {
            grid.AddRow(Cells.Text(""), Cells.Bar(license.SeatsUsed, license.Seats));
        }

        grid.AddRow(Cells.Text("active"), Cells.YesNo(license.Active));
        grid.AddRow(Cells.Text("starts"), Cells.Instant(license.Starts, "at once"));
        grid.AddRow(Cells.Text("expires"), Cells.Instant(license.Expires, "never"));
        grid.AddRow(Cells.Text("redirect to"), Cells.Text(license.RedirectTo?.OriginalString ?? "nowhere"));
        console.Write(grid);
    }
}

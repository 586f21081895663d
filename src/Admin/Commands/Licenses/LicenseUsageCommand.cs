using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Platforms;

namespace Admin.Commands.Licenses;

internal sealed class LicenseUsageCommand(LicenseStore licenses, LicenseHistory history, AssignmentStore assignments, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        LicenseArgument license = new();
        Option<string?> svg = new("--svg") { Description = "Also write the chart to this file, as SVG.", CustomParser = ValueParser.Path };
        return new Command("usage", "Shows how many seats of a license were used over time, from the history.") { platform, license, svg }
            .PrintsCsv()
            .WithExamples("license usage acme 1", "license usage acme 1 --svg usage.svg", "license usage acme 1 --json")
            .RunsOn<LicenseUsageCommand>(platform, (command, arguments, platform, cancellationToken) =>
                command.RunAsync(platform, license.IdIn(arguments), arguments.GetValue(svg), cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, long id, string? svg, CancellationToken cancellationToken)
    {
        if (await licenses.FindAsync(platform.Key, id, cancellationToken) is not { } license)
        {
            return Refusals.NoLicense(platform, id);
        }

        using ChartFile? chart = ChartFile.Open(svg, out string? whyNotWritable);
        if (whyNotWritable is not null)
        {
            return new Outcome.Refused(whyNotWritable);
        }

        List<AssignmentChange> seatChanges = await Terminal.ShowingAsync("Reading the history", async report =>
            await assignments.HistoryAsync(platform.Key, cancellationToken).Reporting("Reading the history", report)
                .Where(change => change.LicenseId == id && change.SeatDelta != 0).ToListAsync(cancellationToken));
        List<LicenseChange> termChanges = await history.OfLicenseAsync(platform.Key, id, cancellationToken).ToListAsync(cancellationToken);
        LicenseUsageJson usage = new(
            platform.Key, id, license.Name, license.Seats, license.SeatsUsed, UsageSeries.Of(seatChanges, termChanges, license, time.GetUtcNow()));
        if (chart?.Write(UsageChart.Svg(usage)) is { } whyNotWritten)
        {
            return new Outcome.Refused(whyNotWritten);
        }

        return new Outcome.Done(usage, console => UsageChart.Write(usage, console)) { Rows = usage.Points.ToList() };
    }
}

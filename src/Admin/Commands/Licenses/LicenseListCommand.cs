using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Licenses;
using Licensing.Platforms;

namespace Admin.Commands.Licenses;

internal sealed class LicenseListCommand(LicenseStore licenses, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<TimeSpan?> expiring = new("--expiring") { Description = "Only active licenses that expire within this time, such as 30d; exits with 5 if there are any.", CustomParser = ValueParser.Duration };
        Option<long?> freeBelow = new("--free-below") { Description = "Only active licenses with less than this share of their seats free, such as 10%; exits with 5 if there are any.", CustomParser = ValueParser.Percent };
        return new Command("list", "Lists a platform's licenses with their seats; highlights those with more than 90 % used.") { platform, expiring, freeBelow }
            .PrintsCsv()
            .WithExamples("license list acme", "license list acme --json", "license list acme --expiring 30d --free-below 10%")
            .RunsOn<LicenseListCommand>(platform, (command, arguments, platform, cancellationToken) =>
                command.RunAsync(platform, arguments.GetValue(expiring), arguments.GetValue(freeBelow), cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, TimeSpan? expiring, long? freeBelow, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool alerts = expiring is not null || freeBelow is not null;
        List<LicenseJson> rows = await licenses
            .OfPlatformAsync(platform.Key, cancellationToken)
            .Where(license => !alerts || NeedsAttention(license, expiring, freeBelow, now))
            .Select(LicenseJson.Of).ToListAsync(cancellationToken);
        return new Outcome.Done(
            rows, console => Lists.Licenses.Write(rows, console), alerts && rows.Count > 0 ? ExitCode.Attention : ExitCode.Done);
    }

    private static bool NeedsAttention(License license, TimeSpan? expiring, long? freeBelow, DateTimeOffset now) =>
        license.Active
        && (expiring is { } period && license.Expires > now && license.Expires <= now + period
            || freeBelow is { } percent && license.Seats is { } seats && (Int128)Math.Max(0, seats - license.SeatsUsed) * 100 < (Int128)percent * Math.Max(1, seats));
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Licenses;
using Licensing.Platforms;

namespace Admin.Commands.Licenses;

internal sealed class LicenseHistoryCommand(LicenseHistory history, LicenseStore licenses)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        LicenseArgument license = new();
        return new Command("history", "Shows the changes of a license, oldest first: when, by whom, and what changed. The history outlives the license.") { platform, license }
            .PrintsCsv()
            .WithExamples("license history acme 1", "license history acme 1 --json")
            .RunsOn<LicenseHistoryCommand>(platform, (command, arguments, platform, cancellationToken) =>
                command.RunAsync(platform, license.IdIn(arguments), cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, long id, CancellationToken cancellationToken)
    {
        List<LicenseChangeJson> rows = await history.OfLicenseAsync(platform.Key, id, cancellationToken)
            .Select(LicenseChangeJson.Of).ToListAsync(cancellationToken);
        return rows.Count == 0 && await licenses.FindAsync(platform.Key, id, cancellationToken) is null
            ? Refusals.NoLicense(platform, id)
            : new Outcome.Done(rows, console => Lists.LicenseChanges.Write(rows, console));
    }
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Licenses;
using Licensing.Platforms;

namespace Admin.Commands.Licenses;

internal sealed class LicenseListCommand(LicenseStore licenses)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        return new Command("list", "Lists a platform's licenses with their seats; more than 90 % used is highlighted.") { platform }
            .WithExamples("license list acme", "license list acme --json")
            .RunsOn<LicenseListCommand>(platform, (command, _, owner, cancellationToken) => command.RunAsync(owner, cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform owner, CancellationToken cancellationToken)
    {
        List<LicenseJson> rows = await licenses
            .OfPlatformAsync(owner.Key, cancellationToken).Select(LicenseJson.Of).ToListAsync(cancellationToken);
        return new Outcome.Done(rows, console => Lists.Licenses.Write(rows, console));
    }
}

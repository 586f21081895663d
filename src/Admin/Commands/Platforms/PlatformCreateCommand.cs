using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Storage;
using Spectre.Console;

namespace Admin.Commands.Platforms;

internal sealed class PlatformCreateCommand(Tables tables, PlatformStore platforms)
{
    public static Command Define()
    {
        PlatformArgument key = new();
        Option<string?> org = new("--org") { Description = "The platform's organization (platform_org).", CustomParser = ValueParser.Text };
        return new Command("create", "Creates a platform, and any tables that are missing.") { key, org }
            .WithExamples("platform create acme", "platform create acme --org 'Acme Inc' --json")
            .Runs<PlatformCreateCommand>(
                (command, arguments, cancellationToken) => command.RunAsync(
                    new Platform(arguments.GetRequiredValue(key), arguments.GetValue(org), Suspended: false), cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(Platform platform, CancellationToken cancellationToken)
    {
        await tables.CreateIfMissingAsync(cancellationToken).OrGiveUp(cancellationToken);
        return await platforms.TryCreateAsync(platform, cancellationToken)
            ? new Outcome.Done(PlatformJson.Of(platform), console =>
                console.MarkupLineInterpolated($"[green]Created[/] platform [bold]{platform.Key}[/]."))
            : new Outcome.Refused($"Platform {platform.Key} already exists: use it, or choose another key.");
    }
}

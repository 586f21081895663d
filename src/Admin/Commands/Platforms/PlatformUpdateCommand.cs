using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Platforms;

internal sealed class PlatformUpdateCommand(PlatformStore platforms, ApiKeyStore keys)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<OrNone<string>?> org = new("--org")
        {
            Description = "The platform's new organization (platform_org), or none.",
            Required = true,
            CustomParser = ValueParser.OrNone(ValueParser.Text),
        };
        return new Command("update", "Changes the organization of a platform and its API keys, on every instance within a minute.") { platform, org }
            .WithExamples("platform update acme --org 'Acme Ltd'", "platform update acme --org none")
            .RunsOn<PlatformUpdateCommand>(
                platform,
                (command, arguments, platform, cancellationToken) => command.RunAsync(platform, arguments.GetValue(org)!.Value, cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(Platform platform, string? org, CancellationToken cancellationToken)
    {
        if (await platforms.SetOrgAsync(platform.Key, org, cancellationToken) is not { } updated)
        {
            return Refusals.NoPlatform(platform.Key);
        }

        await keys.SetOrgAsync(platform.Key, org, cancellationToken);
        return new Outcome.Done(PlatformJson.Of(updated), console =>
            console.MarkupLineInterpolated($"[green]Updated[/] platform [bold]{updated.Key}[/], organization: {updated.Org ?? "none"}."));
    }
}

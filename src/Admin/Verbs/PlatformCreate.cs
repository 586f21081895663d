using System.CommandLine;
using Licensing.Platforms;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class PlatformCreate
{
    public static Command Command()
    {
        PlatformArgument key = new();
        Option<string?> org = new("--org") { Description = "Its organisation (platform_org).", CustomParser = Input.Text };

        return new Command("create", "Creates a platform, and the tables when they are missing.") { key, org }
            .WithExamples("platform create acme", "platform create acme --org 'Acme Inc' --json")
            .Runs(async (arguments, services, cancellationToken) =>
            {
                Platform platform = new(arguments.GetRequiredValue(key), arguments.GetValue(org), Suspended: false);
                await services.GetRequiredService<Tables>().CreateIfMissingAsync(cancellationToken).BeforeGivingUp(cancellationToken);
                return await services.GetRequiredService<PlatformStore>().TryCreateAsync(platform, cancellationToken)
                    ? new Outcome.Done(PlatformJson.Of(platform), console =>
                        console.MarkupLineInterpolated($"[green]Created[/] platform [bold]{platform.Key}[/]."))
                    : new Outcome.Refused($"Platform {platform.Key} exists already: use it, or choose another key.");
            }, VerbCommand.Changes);
    }
}

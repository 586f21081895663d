using System.CommandLine;
using Licensing.Platforms;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class PlatformSuspend
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Command command = new("suspend", "Answers a platform's API keys 403, everywhere within a minute; nothing is removed.") { platform };
        YesOption yes = YesOption.AddTo(command);
        return command
            .WithExamples("platform suspend acme", "platform suspend acme --yes")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
                await yes.GivenAsync(arguments, $"Suspend platform {owner.Key}?", cancellationToken)
                    ? await SetAsync(services, owner, suspended: true, cancellationToken)
                    : Outcome.Kept,
                VerbCommand.Changes);
    }

    internal static async Task<Outcome> SetAsync(
        IServiceProvider services, Platform owner, bool suspended, CancellationToken cancellationToken) =>
        await services.GetRequiredService<PlatformStore>().SetSuspendedAsync(owner.Key, suspended, cancellationToken) is { } changed
            ? new Outcome.Done(PlatformJson.Of(changed), console =>
                console.MarkupLineInterpolated($"[green]{(suspended ? "Suspended" : "Resumed")}[/] platform [bold]{changed.Key}[/]; all instances know within a minute."))
            : VerbCommand.NoSuchPlatform(owner.Key);
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Platforms;

/// <summary><c>platform suspend</c> and <c>platform resume</c>.</summary>
internal sealed class PlatformSuspendCommand(PlatformStore platforms)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Command command = new("suspend", "Rejects the platform's API keys with 403, on every instance within a minute. Deletes nothing.") { platform };
        Confirm confirm = Confirm.AddTo(command, "cuts off the platform's clients");
        return command
            .WithExamples("platform suspend acme", "platform suspend acme --yes")
            .RunsOn<PlatformSuspendCommand>(
                platform,
                async (suspend, arguments, platform, cancellationToken) =>
                    await confirm.GivenAsync(arguments, $"Suspend platform {platform.Key}?", cancellationToken)
                        ? await suspend.RunAsync(platform, suspended: true, cancellationToken)
                        : Refusals.NotConfirmed,
                CommandRunner.Writes);
    }

    public static Command DefineResume()
    {
        PlatformArgument platform = new();
        return new Command("resume", "Accepts a suspended platform's API keys again, on every instance within a minute.") { platform }
            .WithExamples("platform resume acme")
            .RunsOn<PlatformSuspendCommand>(
                platform,
                (resume, _, platform, cancellationToken) => resume.RunAsync(platform, suspended: false, cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(Platform platform, bool suspended, CancellationToken cancellationToken) =>
        await platforms.SetSuspendedAsync(platform.Key, suspended, cancellationToken) is { } changed
            ? new Outcome.Done(PlatformJson.Of(changed), console =>
                console.MarkupLineInterpolated($"[green]{(suspended ? "Suspended" : "Resumed")}[/] platform [bold]{changed.Key}[/]; every instance follows within a minute."))
            : Refusals.NoPlatform(platform.Key);
}

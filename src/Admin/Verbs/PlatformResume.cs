using System.CommandLine;

namespace Admin.Verbs;

internal static class PlatformResume
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        return new Command("resume", "Serves a suspended platform again, everywhere within a minute.") { platform }
            .WithExamples("platform resume acme")
            .RunsOn(
                platform,
                (arguments, services, owner, cancellationToken) => PlatformSuspend.SetAsync(services, owner, suspended: false, cancellationToken),
                VerbCommand.Changes);
    }
}

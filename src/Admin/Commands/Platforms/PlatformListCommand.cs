using System.CommandLine;
using Admin.Output;
using Licensing.Platforms;

namespace Admin.Commands.Platforms;

internal sealed class PlatformListCommand(PlatformStore platforms)
{
    public static Command Define() => new Command("list", "Lists all platforms, by key.")
        .PrintsCsv()
        .WithExamples("platform list", "platform list --json")
        .Runs<PlatformListCommand>((command, _, cancellationToken) => command.RunAsync(cancellationToken));

    private async Task<Outcome> RunAsync(CancellationToken cancellationToken)
    {
        List<PlatformJson> rows = await platforms.AllAsync(cancellationToken).Select(PlatformJson.Of).ToListAsync(cancellationToken);
        return new Outcome.Done(rows, console => Lists.Platforms.Write(rows, console));
    }
}

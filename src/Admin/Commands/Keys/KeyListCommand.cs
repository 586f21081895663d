using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.ApiKeys;
using Licensing.Platforms;

namespace Admin.Commands.Keys;

internal sealed class KeyListCommand(ApiKeyStore keys, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        return new Command("list", "Lists a platform's API keys with their expiry and last use, oldest first.") { platform }
            .PrintsCsv()
            .WithExamples("key list acme", "key list acme --json")
            .RunsOn<KeyListCommand>(platform, (command, _, platform, cancellationToken) => command.RunAsync(platform, cancellationToken));
    }

    private async Task<Outcome> RunAsync(Platform platform, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<ApiKeyJson> rows = [.. (await keys.OfPlatformAsync(platform.Key, cancellationToken)).Select(ApiKeyJson.Of)];
        return new Outcome.Done(rows, console => Lists.ApiKeys(now).Write(rows, console));
    }
}

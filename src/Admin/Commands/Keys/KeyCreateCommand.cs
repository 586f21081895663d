using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Keys;

internal sealed class KeyCreateCommand(ApiKeyStore keys, TimeProvider time)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Option<string?> name = new("--name") { Description = "What the key is for.", CustomParser = ValueParser.Text };
        Option<DateTimeOffset?> expires = new("--expires")
        {
            Description = "When the key expires: ISO 8601, in UTC if it has no offset; a date without a time means the end of that day. [default: never]",
            CustomParser = ValueParser.End,
        };
        Option<bool> force = new("--force") { Description = "Allow an expiry in the past." };
        return new Command("create", "Creates an API key and prints it; it cannot be shown again.") { platform, name, expires, force }
            .WithExamples("key create acme --name enrolment --expires 2031-01-01")
            .RunsOn<KeyCreateCommand>(
                platform,
                (command, arguments, platform, cancellationToken) => command.RunAsync(
                    platform, arguments.GetValue(name), arguments.GetValue(expires), arguments.GetValue(force), cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, string? name, DateTimeOffset? expires, bool force, CancellationToken cancellationToken)
    {
        if (Refusals.WhyPastExpiry(expires, force, time.GetUtcNow(), "The key would never work") is { } refusal)
        {
            return new Outcome.Refused(refusal);
        }

        (ApiKey key, ApiKeySecret secret) = await keys.CreateAsync(platform, name, expires, cancellationToken);
        return new Outcome.Done(
            new NewApiKeyJson(secret.Reveal(), key.Id, key.Platform, key.Org, key.Name, key.Expires, key.Platform, key.Org),
            console =>
            {
                console.MarkupLineInterpolated($"[green]Created[/] API key [bold]{key.Id}[/] of platform [bold]{key.Platform}[/]. Save it now; it cannot be shown again:");
                // Bypass the console, which wraps lines, so that the key can be copied.
                console.Profile.Out.Writer.WriteLine(secret.Reveal());
            });
    }
}

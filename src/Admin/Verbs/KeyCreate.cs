using System.CommandLine;
using Licensing.ApiKeys;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class KeyCreate
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Option<string?> name = new("--name") { Description = "What it is for.", CustomParser = Input.Text };
        Option<DateTimeOffset?> expires = new("--expires")
        {
            Description = "From when on it is refused: ISO 8601, UTC unless it says otherwise; of a date alone, from its end. [default: never]",
            CustomParser = Input.End,
        };
        Option<bool> force = Expiry.ForceOption();

        return new Command("create", "Creates an API key and shows it, this once.") { platform, name, expires, force }
            .WithExamples("key create acme --name enrolment --expires 2031-01-01")
            .RunsOn(platform, async (arguments, services, owner, cancellationToken) =>
            {
                if (Expiry.Refusal(arguments.GetValue(expires), arguments.GetValue(force), services, "The key would open nothing") is { } refusal)
                {
                    return new Outcome.Refused(refusal);
                }

                (ApiKey key, ApiKeySecret secret) = await services.GetRequiredService<ApiKeyStore>()
                    .CreateAsync(owner, arguments.GetValue(name), arguments.GetValue(expires), cancellationToken);
                return new Outcome.Done(
                    new KeyJson(secret.Reveal(), key.Id, key.Platform, key.Org, key.Name, key.Expires),
                    console =>
                    {
                        console.MarkupLineInterpolated($"[green]Created[/] API key [bold]{key.Id}[/] of platform [bold]{key.Platform}[/]. Keep it now, it is not shown again:");
                        // Not through the console, which folds lines: the key has to be copied whole.
                        console.Profile.Out.Writer.WriteLine(secret.Reveal());
                    });
            }, VerbCommand.Changes);
    }
}

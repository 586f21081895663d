using System.CommandLine;
using Licensing.ApiKeys;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class KeyRevoke
{
    public static Command Command()
    {
        PlatformArgument platform = new();
        Argument<string> id = new("key-id") { Description = "The key's id: the 16 digits after lak_.", CustomParser = Input.Text! };
        Command command = new("revoke", "Revokes an API key, everywhere within a minute and for good.") { platform, id };
        YesOption yes = YesOption.AddTo(command);
        return command
            .WithExamples("key revoke acme a338c03b4784f34a", "key revoke acme a338c03b4784f34a --yes")
            .RunsOn(
                platform,
                async (arguments, services, owner, cancellationToken) =>
                {
                    string keyId = arguments.GetRequiredValue(id);
                    ApiKeyStore keys = services.GetRequiredService<ApiKeyStore>();
                    if (await keys.FindAsync(keyId, cancellationToken) is not { } key || key.Platform != owner.Key)
                    {
                        return new Outcome.Refused($"Platform {owner.Key} has no API key of this id: see 'key list'.");
                    }

                    string name = key.Name is null ? key.Id : $"{key.Id} ({key.Name})";
                    return !await yes.GivenAsync(arguments, $"Revoke API key {name} of platform {owner.Key}?", cancellationToken)
                        ? Outcome.Kept
                        : new Outcome.Done(ListedKeyJson.Of(await keys.RevokeAsync(owner.Key, key.Id, cancellationToken) ?? key), console =>
                            console.MarkupLineInterpolated($"[green]Revoked[/] API key [bold]{key.Id}[/] of platform [bold]{owner.Key}[/]; it opens nothing within a minute."));
                },
                VerbCommand.Changes);
    }
}

using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.ApiKeys;
using Licensing.Platforms;
using Spectre.Console;

namespace Admin.Commands.Keys;

internal sealed class KeyRevokeCommand(ApiKeyStore keys)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Argument<string> id = new("key-id") { Description = "The key's id: the 16 hexadecimal digits after lak_.", CustomParser = ValueParser.Text! };
        Command command = new("revoke", "Revokes an API key permanently, on every instance within a minute.") { platform, id };
        Confirm confirm = Confirm.AddTo(command, "cuts off the key's clients");
        return command
            .WithExamples("key revoke acme a338c03b4784f34a", "key revoke acme a338c03b4784f34a --yes")
            .RunsOn<KeyRevokeCommand>(
                platform,
                (revoke, arguments, platform, cancellationToken) => revoke.RunAsync(
                    platform,
                    arguments.GetRequiredValue(id),
                    question => confirm.GivenAsync(arguments, question, cancellationToken),
                    cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(
        Platform platform, string keyId, Func<string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        if (await keys.FindAsync(keyId, cancellationToken) is not { } key || key.Platform != platform.Key)
        {
            return new Outcome.Refused($"Platform {platform.Key} has no API key with this id: check it with 'key list'.");
        }

        string name = key.Name is null ? key.Id : $"{key.Id} ({key.Name})";
        return !await confirmed($"Revoke API key {name} of platform {platform.Key}?")
            ? Refusals.NotConfirmed
            : new Outcome.Done(ApiKeyJson.Of(await keys.RevokeAsync(platform.Key, key.Id, cancellationToken) ?? key), console =>
                console.MarkupLineInterpolated($"[green]Revoked[/] API key [bold]{key.Id}[/] of platform [bold]{platform.Key}[/]; it stops working within a minute."));
    }
}

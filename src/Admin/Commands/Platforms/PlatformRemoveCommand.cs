using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Platforms;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Platforms;

internal sealed class PlatformRemoveCommand(PlatformRemoval removal)
{
    public static Command Define()
    {
        PlatformArgument platform = new();
        Command command = new("remove", "Removes a suspended platform and everything stored for it. Run it again to complete an interrupted removal.") { platform };
        Confirm confirm = Confirm.AddTo(command, "deletes data");
        return command
            .WithExamples("platform remove acme", "platform remove acme --yes")
            .RunsOn<PlatformRemoveCommand>(
                platform,
                (remove, arguments, platform, cancellationToken) => remove.RunAsync(
                    platform, (question, typed) => confirm.TypedAsync(arguments, question, typed, cancellationToken), cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(Platform platform, Func<string, string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        if (!platform.Suspended)
        {
            return NotSuspended(platform);
        }

        PlatformContent content = await Terminal.ShowingAsync($"Counting {platform.Key}", _ => removal.CountAsync(platform.Key, cancellationToken));
        string summary = string.Join(
            ", ",
            $"{content.Licenses:N0} {Plural.For(content.Licenses, "license")}",
            $"{content.Users:N0} {Plural.For(content.Users, "user")}",
            $"{content.Assignments:N0} {Plural.For(content.Assignments, "assignment")}",
            $"{content.Changes:N0} {Plural.For(content.Changes, "change")}",
            $"{content.ApiKeys:N0} API {Plural.For(content.ApiKeys, "key")}");
        if (!await confirmed($"This permanently removes platform {platform.Key}: {summary}. Type its key to confirm: ", platform.Key))
        {
            return Refusals.NotConfirmed;
        }

        long? rows = await Terminal.ShowingAsync(
            $"Removing {platform.Key}",
            report => removal.RemoveAsync(platform.Key, new RowProgress(report), cancellationToken));
        return rows is not { } removed
            ? NotSuspended(platform)
            : new Outcome.Done(
                new RemovedPlatformJson(platform.Key, content.Licenses, content.Users, content.Assignments, content.Changes, content.ApiKeys, removed),
                console => console.MarkupLineInterpolated($"[green]Removed[/] platform [bold]{platform.Key}[/]: {summary}."));
    }

    private static Outcome.Refused NotSuspended(Platform platform) =>
        new($"Platform {platform.Key} is not suspended: suspend it with 'platform suspend' first.");

    private sealed class RowProgress(Action<string> report) : IProgress<long>
    {
        public void Report(long value) => report($"Removing, {value:N0} {Plural.For(value, "row")}; instances may need a minute to notice the suspension");
    }
}

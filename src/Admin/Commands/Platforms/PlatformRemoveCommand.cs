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
                (remove, arguments, owner, cancellationToken) => remove.RunAsync(
                    owner, (question, typed) => confirm.TypedAsync(arguments, question, typed, cancellationToken), cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(Platform owner, Func<string, string, Task<bool>> confirmed, CancellationToken cancellationToken)
    {
        if (!owner.Suspended)
        {
            return NotSuspended(owner);
        }

        PlatformContent content = await Terminal.ShowingAsync($"Counting {owner.Key}", _ => removal.CountAsync(owner.Key, cancellationToken));
        string summary = string.Join(
            ", ",
            $"{content.Licenses:N0} {Plural.For(content.Licenses, "license")}",
            $"{content.Users:N0} {Plural.For(content.Users, "user")}",
            $"{content.Assignments:N0} {Plural.For(content.Assignments, "assignment")}",
            $"{content.Changes:N0} {Plural.For(content.Changes, "change")}",
            $"{content.ApiKeys:N0} API {Plural.For(content.ApiKeys, "key")}");
        if (!await confirmed($"This permanently removes platform {owner.Key}: {summary}. Type its key to confirm: ", owner.Key))
        {
            return Refusals.NotConfirmed;
        }

        long? rows = await Terminal.ShowingAsync(
            $"Removing {owner.Key}",
            report => removal.RemoveAsync(owner.Key, new RowProgress(report), cancellationToken));
        return rows is not { } removed
            ? NotSuspended(owner)
            : new Outcome.Done(
                new RemovedPlatformJson(owner.Key, content.Licenses, content.Users, content.Assignments, content.Changes, content.ApiKeys, removed),
                console => console.MarkupLineInterpolated($"[green]Removed[/] platform [bold]{owner.Key}[/]: {summary}."));
    }

    private static Outcome.Refused NotSuspended(Platform owner) =>
        new($"Platform {owner.Key} is not suspended: suspend it with 'platform suspend' first.");

    private sealed class RowProgress(Action<string> report) : IProgress<long>
    {
        public void Report(long value) => report($"Removing, {value:N0} {Plural.For(value, "row")}; instances may need a minute to notice the suspension");
    }
}

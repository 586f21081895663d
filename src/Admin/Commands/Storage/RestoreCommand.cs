using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Backups;
using Licensing.Storage;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Storage;

internal sealed class RestoreCommand(TablesBackup backup, Tables tables)
{
    public static Command Define()
    {
        Argument<string> folder = new("folder") { Description = "A folder written by 'backup'.", CustomParser = ValueParser.Path! };
        return new Command("restore", "Restores all rows of a backup to tables that have no API keys yet.") { folder }
            .WithExamples("restore 2026-11-24")
            .Runs<RestoreCommand>(
                (command, arguments, cancellationToken) => command.RunAsync(arguments.GetRequiredValue(folder), cancellationToken),
                CommandRunner.Writes);
    }

    private async Task<Outcome> RunAsync(string folder, CancellationToken cancellationToken)
    {
        if (await Terminal.ShowingAsync($"Checking {folder}", _ => WhyUnusableAsync(folder, cancellationToken)) is { } refusal)
        {
            return new Outcome.Refused(refusal);
        }

        await tables.CreateIfMissingAsync(cancellationToken).OrGiveUp(cancellationToken);
        if (await backup.AreInUseAsync(cancellationToken))
        {
            return new Outcome.Refused(
                "These tables have API keys, so they may be in use: restore to another account, or with another Tables__Prefix.");
        }

        long rows = await Terminal.ShowingAsync($"Restoring {folder}", _ => backup.RestoreAsync(folder, cancellationToken));
        return new Outcome.Done(new BackupJson(folder, rows), console =>
            console.MarkupLineInterpolated($"[green]Restored[/] [bold]{rows}[/] {Plural.For(rows, "row")} from {folder}."));
    }

    /// <summary>Returns why the backup cannot be restored, or null. Runs before anything is written.</summary>
    private async Task<string?> WhyUnusableAsync(string folder, CancellationToken cancellationToken)
    {
        const string Nothing = "nothing was restored. Use another copy of the backup.";
        try
        {
            return await backup.CheckAsync(folder, cancellationToken) switch
            {
                BackupState.Incomplete => $"{folder} is not a complete backup: pass a folder written by 'backup'.",
                BackupState.WithoutManifest(var manifest) =>
                    $"{folder} has no {manifest}, so the backup may be incomplete; {Nothing}",
                BackupState.Changed(var file) => $"{file} in {folder} was changed or truncated after it was written; {Nothing}",
                BackupState.NoRow(var file, var line) => $"Line {line} of {file} in {folder} is not a row; {Nothing}",
                _ => null,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{folder} cannot be read ({exception.Message}): check its permissions, or use another copy of the backup.";
        }
    }
}

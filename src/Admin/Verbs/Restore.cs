using System.CommandLine;
using Licensing.Backups;
using Licensing.Storage;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class Restore
{
    public static Command Command()
    {
        Argument<string> folder = new("folder") { Description = "What 'backup' has written.", CustomParser = Input.Path! };

        return new Command("restore", "Puts all rows of a backup into tables that no API key opens yet.") { folder }
            .WithExamples("restore 2026-11-24")
            .Runs(async (arguments, services, cancellationToken) =>
            {
                string source = arguments.GetRequiredValue(folder);
                TablesBackup backup = services.GetRequiredService<TablesBackup>();
                if (await WhatIsWrongAsync(backup, source, cancellationToken) is { } sentence)
                {
                    return new Outcome.Refused(sentence);
                }

                await services.GetRequiredService<Tables>().CreateIfMissingAsync(cancellationToken).BeforeGivingUp(cancellationToken);
                if (await backup.AreInUseAsync(cancellationToken))
                {
                    return new Outcome.Refused(
                        "These tables have API keys, so they may be in use: restore to another account, or beside them with another Tables__Prefix.");
                }

                long rows = await backup.RestoreAsync(source, cancellationToken);
                return new Outcome.Done(new BackupJson(source, rows), console =>
                    console.MarkupLineInterpolated($"[green]Restored[/] [bold]{rows}[/] rows from {source}."));
            }, VerbCommand.Changes);
    }

    /// <summary>Asked before anything is written: half a backup is worse than none.</summary>
    private static async Task<string?> WhatIsWrongAsync(TablesBackup backup, string source, CancellationToken cancellationToken)
    {
        const string Nothing = "nothing was restored. Use another copy of the backup.";
        try
        {
            return await backup.CheckAsync(source, cancellationToken) switch
            {
                BackupState.Incomplete => $"{source} is not a whole backup: name a folder that 'backup' has written.",
                BackupState.WithoutManifest(var manifest) =>
                    $"{source} has no {manifest}, so nobody can tell whether it is whole; {Nothing}",
                BackupState.Changed(var file) => $"{file} in {source} is not as it was written, cut or changed; {Nothing}",
                BackupState.NoRow(var file, var line) => $"Line {line} of {file} in {source} is no row; {Nothing}",
                _ => null,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{source} can not be read ({exception.Message}): check its rights, or use another copy of the backup.";
        }
    }
}

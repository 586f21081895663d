using System.CommandLine;
using System.Text.Json;
using Assignments.Backups;
using Assignments.Storage;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class Restore
{
    public static Command Command()
    {
        Argument<string> folder = new("folder") { Description = "What 'backup' has written." };

        return new Command("restore", "Puts all rows of a backup into tables that no API key opens yet.") { folder }
            .WithExamples("restore 2026-11-24")
            .Runs(async (arguments, services, cancellation) =>
            {
                string source = arguments.GetRequiredValue(folder);
                TablesBackup backup = services.GetRequiredService<TablesBackup>();
                if (!backup.IsBackup(source))
                {
                    return new Outcome.Refused($"{source} is not a whole backup: name a folder that 'backup' has written.");
                }

                await services.GetRequiredService<Tables>().CreateIfMissingAsync(cancellation).BeforeGivingUp(cancellation);
                if (await backup.AreInUseAsync(cancellation))
                {
                    return new Outcome.Refused(
                        "These tables have API keys, so they may be in use: restore to another account, or beside them with another Tables__Prefix.");
                }

                try
                {
                    long rows = await backup.RestoreAsync(source, cancellation);
                    return new Outcome.Done(new BackupJson(source, rows), console =>
                        console.MarkupLineInterpolated($"[green]Restored[/] [bold]{rows}[/] rows from {source}."));
                }
                catch (JsonException)
                {
                    return new Outcome.Refused($"A line in {source} is no row, and what came before it is restored: use another copy of the backup.");
                }
            }, VerbCommand.Changes);
    }
}

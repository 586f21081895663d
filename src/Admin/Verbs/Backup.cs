using System.CommandLine;
using Licensing.Backups;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Admin.Verbs;

internal static class Backup
{
    public static Command Command()
    {
        Argument<string> folder = new("folder") { Description = "A folder that does not exist yet.", CustomParser = Input.Path! };

        return new Command("backup", "Copies all rows of all platforms to files.") { folder }
            .WithExamples("backup 2026-11-24")
            .Runs(async (arguments, services, cancellationToken) =>
            {
                string target = arguments.GetRequiredValue(folder);
                if (Path.Exists(target))
                {
                    return new Outcome.Refused($"{target} exists already: give the backup a folder of its own.");
                }

                try
                {
                    long rows = await services.GetRequiredService<TablesBackup>().WriteAsync(target, cancellationToken);
                    return new Outcome.Done(new BackupJson(target, rows), console =>
                        console.MarkupLineInterpolated($"[green]Wrote[/] [bold]{rows}[/] rows to {target}."));
                }
                // That of a broken connection has a cause inside, and is told as any other failure of storage.
                catch (Exception exception) when (exception is IOException { InnerException: null } or UnauthorizedAccessException)
                {
                    return new Outcome.Refused($"{target} can not be written ({exception.Message}): free space, or name another folder.");
                }
            });
    }
}

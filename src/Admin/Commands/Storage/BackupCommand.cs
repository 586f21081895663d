using System.CommandLine;
using Admin.Arguments;
using Admin.Output;
using Licensing.Backups;
using Licensing.Verification;
using Spectre.Console;

namespace Admin.Commands.Storage;

internal sealed class BackupCommand(TablesBackup backup)
{
    public static Command Define()
    {
        Argument<string> folder = new("folder") { Description = "A folder that does not exist yet.", CustomParser = ValueParser.Path! };
        return new Command("backup", "Copies all rows of all platforms to files.") { folder }
            .WithExamples("backup 2026-11-24")
            .Runs<BackupCommand>((command, arguments, cancellationToken) =>
                command.RunAsync(arguments.GetRequiredValue(folder), cancellationToken));
    }

    private async Task<Outcome> RunAsync(string folder, CancellationToken cancellationToken)
    {
        if (Path.Exists(folder))
        {
            return new Outcome.Refused($"{folder} already exists: pass a new folder.");
        }

        try
        {
            long rows = await Terminal.ShowingAsync($"Writing {folder}", _ => backup.WriteAsync(folder, cancellationToken));
            return new Outcome.Done(new BackupJson(folder, rows), console =>
                console.MarkupLineInterpolated($"[green]Wrote[/] [bold]{rows}[/] {Plural.For(rows, "row")} to {folder}."));
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            return new Outcome.Refused($"{folder} cannot be written ({exception.Message}): free disk space, or pass another folder.");
        }
    }
}

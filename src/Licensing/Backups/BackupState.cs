namespace Licensing.Backups;

/// <summary>The result of <see cref="TablesBackup.CheckAsync"/>.</summary>
public abstract record BackupState
{
    private BackupState()
    {
    }

    /// <summary>The backup is complete and unchanged.</summary>
    public sealed record Whole : BackupState;

    /// <summary>The file of a table is missing.</summary>
    public sealed record Incomplete : BackupState;

    /// <summary>The manifest is missing, so the backup may be incomplete.</summary>
    /// <param name="Manifest">The name of the missing file.</param>
    public sealed record WithoutManifest(string Manifest) : BackupState;

    /// <summary>A file was changed or truncated.</summary>
    public sealed record Changed(string File) : BackupState;

    /// <summary>A line is not a row.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Line">The line number, from 1.</param>
    public sealed record NoRow(string File, long Line) : BackupState;
}

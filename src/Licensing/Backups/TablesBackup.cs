using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Backups;

/// <summary>
/// Backs up all tables to files and restores them, because Table Storage cannot recover overwritten or deleted rows. Each
/// table is a file with a row per line, in the JSON of the table service. A manifest shows whether a backup is complete.
/// </summary>
public sealed class TablesBackup(Tables tables)
{
    /// <summary>Per transaction; below the limit of 4 MiB, because each row has headers. A line is at least as long as its row.</summary>
    private const int MaxCharacters = 3_000_000;

    /// <summary>API keys are last, so that no client can change data while it is being restored.</summary>
    private readonly IReadOnlyList<(string File, TableClient Table)> _files =
    [
        ("Assignments.jsonl", tables.Assignments),
        ("Directory.jsonl", tables.Directory),
        ("Platforms.jsonl", tables.Platforms),
        ("ApiKeys.jsonl", tables.ApiKeys),
    ];

    /// <summary>
    /// Writes all rows to a new folder, which appears only when the backup is complete. Only its owner can read it, because it
    /// contains e-mail addresses.
    /// </summary>
    /// <param name="folder">A path that does not exist.</param>
    /// <param name="cancellationToken">Cancels the backup and deletes what was written.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public async Task<long> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string unfinished = $"{target}.{Guid.NewGuid():N}.unfinished";
        CreateOwnersFolder(unfinished);
        try
        {
            List<FileContent> contents = [];
            foreach ((string file, TableClient table) in _files)
            {
                contents.Add(await WriteAsync(unfinished, file, table, cancellationToken));
            }

            await using (FileStream manifest = CreateOwnersFile(Path.Combine(unfinished, BackupManifest.File)))
            {
                await manifest.WriteAsync(BackupManifest.Of(contents), cancellationToken);
            }

            Directory.Move(unfinished, target);
            return contents.Sum(content => content.Rows);
        }
        catch
        {
            Directory.Delete(unfinished, recursive: true);
            throw;
        }
    }

    /// <summary>Checks whether the folder is a complete and unchanged backup.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public async Task<BackupState> CheckAsync(string folder, CancellationToken cancellationToken)
    {
        if (!_files.All(file => File.Exists(Path.Combine(folder, file.File))))
        {
            return new BackupState.Incomplete();
        }

        if (!File.Exists(Path.Combine(folder, BackupManifest.File)))
        {
            return new BackupState.WithoutManifest(BackupManifest.File);
        }

        List<FileContent> contents = [];
        foreach ((string file, _) in _files)
        {
            (FileContent content, long? lineOfNoRow) = await ReadAsync(folder, file, cancellationToken);
            if (lineOfNoRow is { } line)
            {
                return new BackupState.NoRow(file, line);
            }

            contents.Add(content);
        }

        byte[] manifest = await File.ReadAllBytesAsync(Path.Combine(folder, BackupManifest.File), cancellationToken);
        return BackupManifest.FirstDifference(manifest, contents) is { } changed ? new BackupState.Changed(changed) : new BackupState.Whole();
    }

    /// <summary>Returns whether an API key exists, so that clients may be using these tables.</summary>
    public async Task<bool> AreInUseAsync(CancellationToken cancellationToken) =>
        await tables.ApiKeys.QueryAsync<TableEntity>(maxPerPage: 1, cancellationToken: cancellationToken).AnyAsync(cancellationToken);

    /// <summary>
    /// Writes all rows of a backup to the tables, and replaces rows with the same keys. Call <see cref="CheckAsync"/> first.
    /// Safe to repeat.
    /// </summary>
    /// <returns>The number of rows.</returns>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public async Task<long> RestoreAsync(string folder, CancellationToken cancellationToken)
    {
        long rows = 0;
        foreach ((string file, TableClient table) in _files)
        {
            List<TableTransactionAction> transaction = [];
            int characters = 0;
            await foreach (string line in File.ReadLinesAsync(Path.Combine(folder, file), cancellationToken))
            {
                TableEntity entity = EntityJson.TryRead(line) ?? throw new IOException($"{file} was changed during the restore.");
                if (transaction.Count == TableClientWrites.MaxEntities
                    || (transaction.Count > 0 && (characters + line.Length > MaxCharacters || transaction[0].Entity.PartitionKey != entity.PartitionKey)))
                {
                    await table.SubmitTransactionAsync(transaction, cancellationToken);
                    transaction.Clear();
                    characters = 0;
                }

                transaction.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, entity));
                characters += line.Length;
                rows++;
            }

            if (transaction.Count > 0)
            {
                await table.SubmitTransactionAsync(transaction, cancellationToken);
            }
        }

        return rows;
    }

    private static async Task<FileContent> WriteAsync(string folder, string file, TableClient table, CancellationToken cancellationToken)
    {
        long rows = 0;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using FileStream lines = CreateOwnersFile(Path.Combine(folder, file));
        await foreach (TableEntity entity in table.QueryAsync<TableEntity>(cancellationToken: cancellationToken))
        {
            byte[] line = Encoding.UTF8.GetBytes(EntityJson.Write(entity) + '\n');
            hash.AppendData(line);
            await lines.WriteAsync(line, cancellationToken);
            rows++;
        }

        return new FileContent(file, rows, hash.GetHashAndReset());
    }

    private static async Task<(FileContent Content, long? LineOfNoRow)> ReadAsync(string folder, string file, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, file);
        await using FileStream bytes = File.OpenRead(path);
        byte[] hash = await SHA256.HashDataAsync(bytes, cancellationToken);
        long rows = 0;
        long? lineOfNoRow = null;
        await foreach (string line in File.ReadLinesAsync(path, cancellationToken))
        {
            rows++;
            if (EntityJson.TryRead(line) is null)
            {
                lineOfNoRow = rows;
                break;
            }
        }

        return (new FileContent(file, rows, hash), lineOfNoRow);
    }

    private static void CreateOwnersFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static FileStream CreateOwnersFile(string path)
    {
        FileStreamOptions create = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, create);
    }
}

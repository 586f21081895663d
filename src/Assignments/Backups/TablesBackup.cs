using Assignments.Storage;
using Azure.Data.Tables;

namespace Assignments.Backups;

/// <summary>
/// Copies all rows to files and back: Table Storage keeps nothing of what was overwritten or deleted. A table is a
/// file of lines, a line is a row in the JSON of the table service.
/// </summary>
public sealed class TablesBackup(Tables tables)
{
    /// <summary>The most that one transaction takes.</summary>
    /// <seealso href="https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions"/>
    private const int MaxEntities = 100;

    /// <summary>Of 4 MiB, with room for what a request puts around the rows; a line is not shorter than its row in UTF-8.</summary>
    private const int MaxCharacters = 3_000_000;

    /// <summary>API keys come back last: until then nobody can change what is being restored.</summary>
    private readonly IReadOnlyList<(string File, TableClient Table)> _files =
    [
        ("Assignments.jsonl", tables.Assignments),
        ("Directory.jsonl", tables.Directory),
        ("Platforms.jsonl", tables.Platforms),
        ("ApiKeys.jsonl", tables.ApiKeys),
    ];

    /// <summary>Writes all rows to a folder that does not exist yet, and that exists afterwards only when they are whole.</summary>
    /// <returns>The number of rows.</returns>
    public async Task<long> WriteAsync(string folder, CancellationToken cancellation)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string unfinished = target + ".unfinished";
        Directory.CreateDirectory(unfinished);
        long rows = 0;
        foreach ((string file, TableClient table) in _files)
        {
            await using StreamWriter lines = new(Path.Combine(unfinished, file)) { NewLine = "\n" };
            await foreach (TableEntity entity in table.QueryAsync<TableEntity>(cancellationToken: cancellation))
            {
                await lines.WriteLineAsync(EntityJson.Write(entity).AsMemory(), cancellation);
                rows++;
            }
        }

        Directory.Move(unfinished, target);
        return rows;
    }

    /// <summary>Whether the folder holds what <see cref="WriteAsync"/> writes.</summary>
    public bool IsBackup(string folder) => _files.All(file => File.Exists(Path.Combine(folder, file.File)));

    /// <summary>Whether somebody may be changing these tables, because an API key exists.</summary>
    public async Task<bool> AreInUseAsync(CancellationToken cancellation) =>
        await tables.ApiKeys.QueryAsync<TableEntity>(maxPerPage: 1, cancellationToken: cancellation).AnyAsync(cancellation);

    /// <summary>Puts all rows of a backup into the tables, over those of the same keys. Safe to repeat.</summary>
    /// <returns>The number of rows.</returns>
    public async Task<long> RestoreAsync(string folder, CancellationToken cancellation)
    {
        long rows = 0;
        foreach ((string file, TableClient table) in _files)
        {
            List<TableTransactionAction> transaction = [];
            int characters = 0;
            await foreach (string line in File.ReadLinesAsync(Path.Combine(folder, file), cancellation))
            {
                TableEntity entity = EntityJson.Read(line);
                if (transaction.Count == MaxEntities
                    || (transaction.Count > 0 && (characters + line.Length > MaxCharacters || transaction[0].Entity.PartitionKey != entity.PartitionKey)))
                {
                    await table.SubmitTransactionAsync(transaction, cancellation);
                    transaction.Clear();
                    characters = 0;
                }

                transaction.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, entity));
                characters += line.Length;
                rows++;
            }

            if (transaction.Count > 0)
            {
                await table.SubmitTransactionAsync(transaction, cancellation);
            }
        }

        return rows;
    }
}

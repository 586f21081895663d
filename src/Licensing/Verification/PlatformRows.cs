using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Licensing.Storage;
using Licensing.Users;

namespace Licensing.Verification;

/// <summary>Reads the rows of one platform, and reports progress for each page.</summary>
internal sealed class PlatformRows(
    Tables tables, UserDirectory directory, string platform, IProgress<VerificationProgress>? progress)
{
    /// <summary>The page size of Table Storage.</summary>
    private const int ProgressEvery = 1_000;

    private readonly string _partition = TableKey.Escape(platform);
    private long _rows;

    public string Platform => platform;

    /// <summary>Reads a row of table <c>Assignments</c>, or returns null.</summary>
    public Task<TableEntity?> FindAsync(string rowKey, CancellationToken cancellationToken) =>
        tables.Assignments.FindAsync(_partition, rowKey, cancellationToken);

    /// <summary>The rows of table <c>Assignments</c> with this key prefix, in key order.</summary>
    /// <param name="rowPrefix">One of <see cref="RowPrefix"/>.</param>
    /// <param name="reading">The name of these rows in progress reports.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<TableEntity> ReadAsync(
        string rowPrefix, string reading, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in tables.Assignments.QueryAsync(_partition, rowPrefix, cancellationToken))
        {
            Count(reading);
            yield return entity;
        }
    }

    /// <summary>The platform's rows of table <c>Directory</c>; a scan of that table with a server-side filter.</summary>
    public async IAsyncEnumerable<DirectoryEntry> ReadDirectoryAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (DirectoryEntry entry in directory.OfPlatformAsync(platform, userId: null, cancellationToken))
        {
            Count("directory");
            yield return entry;
        }
    }

    /// <summary>Submits a transaction to table <c>Assignments</c>. Returns false if a row has changed since it was read.</summary>
    public Task<bool> TrySubmitAsync(IEnumerable<TableTransactionAction> actions, CancellationToken cancellationToken) =>
        tables.Assignments.TrySubmitAsync(actions, cancellationToken);

    private void Count(string reading)
    {
        if (++_rows % ProgressEvery == 0)
        {
            progress?.Report(new VerificationProgress(platform, reading, _rows));
        }
    }
}

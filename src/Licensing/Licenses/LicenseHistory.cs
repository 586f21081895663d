using Licensing.Storage;

namespace Licensing.Licenses;

/// <summary>The history of licenses, which outlives them; in their platform's partition of table <c>Assignments</c>.</summary>
public sealed class LicenseHistory(Tables tables)
{
    /// <summary>A license's changes, oldest first; none for a license that never existed. One storage call for each 1,000.</summary>
    public IAsyncEnumerable<LicenseChange> OfLicenseAsync(string platform, long id, CancellationToken cancellationToken) =>
        ReadAsync(platform, TableKey.LicenseChangesOf(id), cancellationToken);

    /// <summary>The changes of all licenses of a platform, by license and oldest first.</summary>
    public IAsyncEnumerable<LicenseChange> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        ReadAsync(platform, RowPrefix.LicenseChange, cancellationToken);

    private IAsyncEnumerable<LicenseChange> ReadAsync(string platform, string rowPrefix, CancellationToken cancellationToken) =>
        tables.Assignments.QueryAsync(TableKey.Escape(platform), rowPrefix, cancellationToken)
            .Select(entity => LicenseChangeRows.ToChange(platform, entity));
}

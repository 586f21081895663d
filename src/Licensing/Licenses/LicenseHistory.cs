using Licensing.Storage;

namespace Licensing.Licenses;

/// <summary>The history of licenses, in the platform's partition of table <c>Assignments</c>. It outlives them.</summary>
public sealed class LicenseHistory(Tables tables)
{
    /// <summary>A license's changes, oldest first; none if it never existed. One storage call per 1,000.</summary>
    public IAsyncEnumerable<LicenseChange> OfLicenseAsync(string platform, long id, CancellationToken cancellationToken) =>
        ReadAsync(platform, TableKey.LicenseChangesOf(id), cancellationToken);

    /// <summary>The changes of all licenses of a platform, ordered by license, oldest change first.</summary>
    public IAsyncEnumerable<LicenseChange> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        ReadAsync(platform, RowPrefix.LicenseChange, cancellationToken);

    private IAsyncEnumerable<LicenseChange> ReadAsync(string platform, string rowPrefix, CancellationToken cancellationToken) =>
        tables.Assignments.QueryAsync(TableKey.Escape(platform), rowPrefix, cancellationToken)
            .Select(entity => LicenseChangeRows.ToChange(platform, entity));
}

using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Licenses;

/// <summary>Licenses, in their platform's partition of table <c>Assignments</c>; each row is the counter of its seats.</summary>
public sealed class LicenseStore(Tables tables, IdSequence ids, TimeProvider time, Administrator? administrator = null)
{
    private const int CachedLicenses = 10_000;

    private readonly LruCache<(string Platform, long Id), LicenseSnapshot> _cache = new(CachedLicenses);
    private readonly Lock _remembering = new();
    private readonly SharedReads<(string Platform, long Id), License> _reads = new(time);

    /// <summary>The license as it was at most a minute ago, or null; a storage call only when it is not remembered.</summary>
    public Task<License?> GetAsync(string platform, long id, CancellationToken cancellationToken) =>
        Remembered(platform, id) is { } snapshot && time.GetElapsedTime(snapshot.AsOf) < CacheLifetimes.Found
            ? Task.FromResult(snapshot.License)
            : ReadSharedAsync(platform, id, cancellationToken);

    private Task<License?> ReadSharedAsync(string platform, long id, CancellationToken cancellationToken) =>
        _reads.GetAsync((platform, id), read => FindAsync(platform, id, read), cancellationToken);

    /// <summary>The license as storage has it now, or null; one storage call.</summary>
    public async Task<License?> FindAsync(string platform, long id, CancellationToken cancellationToken) =>
        (await ReadAsync(platform, id, cancellationToken)).License;

    /// <summary>The row as storage has it now, remembered for those who ask next; one storage call.</summary>
    internal async Task<LicenseSnapshot> ReadAsync(string platform, long id, CancellationToken cancellationToken)
    {
        long asOf = time.GetTimestamp();
        TableEntity? entity = await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.License(id), cancellationToken);
        return Remember(platform, id, entity is null
            ? new LicenseSnapshot(null, default, asOf, time.GetTimestamp())
            : new LicenseSnapshot(FromEntity(platform, entity), entity.ETag, asOf, time.GetTimestamp()));
    }

    /// <summary>The last snapshot this instance saw, however old; its ETag tells storage whether it still holds.</summary>
    internal LicenseSnapshot? Remembered(string platform, long id) =>
        _cache.Find((platform, id));

    /// <summary>What is given, or more when it is known to have been so before.</summary>
    internal LicenseSnapshot Remember(string platform, long id, LicenseSnapshot snapshot)
    {
        lock (_remembering)
        {
            if (snapshot.License is null)
            {
                _cache.Remove((platform, id));
                return snapshot;
            }

            LicenseSnapshot? known = Remembered(platform, id);
            if (known?.License?.Version > snapshot.License.Version)
            {
                // A slow read must not hide what a transaction has brought since.
                return snapshot;
            }

            if (known is not null && (known.ETag, known.License?.Version) == (snapshot.ETag, snapshot.License.Version))
            {
                snapshot = snapshot.KnownSince(known);
            }

            _cache.Set((platform, id), snapshot);
            return snapshot;
        }
    }

    internal void Forget(string platform, long id) => _cache.Remove((platform, id));

    /// <summary>Creates a license, its id from the sequence when <paramref name="id"/> is null; null when the id is taken, or was before.</summary>
    public async Task<License?> CreateAsync(
        string platform,
        long? id,
        string name,
        long? seats,
        DateTimeOffset? starts,
        DateTimeOffset? expires,
        Uri? redirectTo,
        CancellationToken cancellationToken)
    {
        if (id is { } given)
        {
            if (await tables.Assignments.QueryAsync(TableKey.Escape(platform), TableKey.LicenseChangesOf(given), cancellationToken).AnyAsync(cancellationToken))
            {
                return null;
            }

            await ids.StepAsideAsync(platform, IdKind.License, given, cancellationToken);
        }

        while (true)
        {
            long candidate = id ?? await ids.LeaseAsync(platform, IdKind.License, 1, cancellationToken);
            License license = new(platform, candidate, name, seats, Active: true, starts, expires, redirectTo, SeatsUsed: 0, Version: 1);
            LicenseChange created = Record(license, before: null, LicenseTerms.Of(license));
            if (await tables.Assignments.TrySubmitAsync(
                [new TableTransactionAction(TableTransactionActionType.Add, ToEntity(license)), LicenseChangeRows.Add(created)], cancellationToken))
            {
                return license;
            }

            if (id is not null)
            {
                return null;
            }
        }
    }

    /// <summary>All licenses of a platform, by id; one storage call for each 1,000 of them.</summary>
    public IAsyncEnumerable<License> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.License, cancellationToken)
            .Select(entity => FromEntity(platform, entity));

    /// <summary>Changes what an administrator sets; null when there is no such license.</summary>
    /// <param name="change">
    /// From the license as it is to how it shall be, or null to leave it; asked again when seats have moved meanwhile.
    /// </param>
    /// <remarks>The new ETag makes every instance read the license before it next gives a seat.</remarks>
    public async Task<License?> UpdateAsync(
        string platform, long id, Func<License, License?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            LicenseSnapshot current = await ReadAsync(platform, id, cancellationToken);
            if (current.License is not { } license || change(license) is not { } changed)
            {
                return current.License;
            }

            License next = changed with { SeatsUsed = license.SeatsUsed, Version = license.Version + 1 };
            List<TableTransactionAction> actions = [new(TableTransactionActionType.UpdateReplace, ToEntity(next), current.ETag)];
            if (LicenseTerms.Of(license) is var before && LicenseTerms.Of(next) is var after && before != after)
            {
                actions.Add(LicenseChangeRows.Add(Record(next, before, after)));
            }

            // When seats have moved: once more, from what is there now.
            if (await tables.Assignments.TrySubmitAsync(actions, cancellationToken))
            {
                Forget(platform, id);
                return next;
            }
        }
    }

    /// <summary>
    /// Deletes the rows of an inactive license and adds the record of it; false when the license does not exist, is
    /// active, or has changed. Assignments are not looked at.
    /// </summary>
    internal async Task<bool> TryRemoveAsync(string platform, long id, CancellationToken cancellationToken)
    {
        List<TableEntity> rows = await tables.Assignments
            .QueryAsync(TableKey.Escape(platform), TableKey.License(id), cancellationToken).ToListAsync(cancellationToken);
        if (rows.FirstOrDefault(row => row.RowKey == TableKey.License(id)) is not { } row || FromEntity(platform, row) is not { Active: false } license)
        {
            return false;
        }

        LicenseChange removal = Record(license with { Version = license.Version + 1 }, LicenseTerms.Of(license), after: null);
        bool removed = await tables.Assignments.TrySubmitAsync(
            [.. rows.Select(each => new TableTransactionAction(TableTransactionActionType.Delete, each, each.ETag)), LicenseChangeRows.Add(removal)],
            cancellationToken);
        Forget(platform, id);
        return removed;
    }

    private LicenseChange Record(License license, LicenseTerms? before, LicenseTerms? after) =>
        new(license.Platform, license.Id, license.Version, before, after, time.GetUtcNow(), administrator?.Name ?? "admin");

    /// <summary>The part of the row that a transaction changes when seats move; merged into it by ETag.</summary>
    internal static TableEntity SeatsEntity(License license) =>
        new(TableKey.Escape(license.Platform), TableKey.License(license.Id))
        {
            [nameof(License.SeatsUsed)] = license.SeatsUsed,
            [nameof(License.Version)] = license.Version,
        };

    private static TableEntity ToEntity(License license) =>
        new(TableKey.Escape(license.Platform), TableKey.License(license.Id))
        {
            [nameof(License.Name)] = license.Name,
            [nameof(License.Seats)] = license.Seats,
            [nameof(License.Active)] = license.Active,
            [nameof(License.Starts)] = license.Starts,
            [nameof(License.Expires)] = license.Expires,
            [nameof(License.RedirectTo)] = license.RedirectTo?.OriginalString,
            [nameof(License.SeatsUsed)] = license.SeatsUsed,
            [nameof(License.Version)] = license.Version,
        };

    internal static License FromEntity(string platform, TableEntity entity) => new(
        platform,
        TableKey.IdIn(entity.RowKey),
        entity.GetString(nameof(License.Name)),
        entity.GetInt64(nameof(License.Seats)),
        entity.GetBoolean(nameof(License.Active)) ?? true,
        entity.GetDateTimeOffset(nameof(License.Starts)),
        entity.GetDateTimeOffset(nameof(License.Expires)),
        entity.GetString(nameof(License.RedirectTo)) is { } uri ? new Uri(uri) : null,
        entity.GetInt64(nameof(License.SeatsUsed)) ?? 0,
        entity.GetInt64(nameof(License.Version)) ?? 0);
}

/// <summary>A license row as it was when storage was asked, or null when there is none.</summary>
/// <param name="AsOf">Timestamp of <see cref="TimeProvider"/>: the row was so at this moment or later.</param>
/// <param name="UnchangedSince">From this timestamp on nobody but this instance's writer has changed the row.</param>
internal sealed record LicenseSnapshot(License? License, ETag ETag, long AsOf, long UnchangedSince)
{
    /// <summary>The same row, seen at other times as well.</summary>
    public LicenseSnapshot KnownSince(LicenseSnapshot same) => this with
    {
        AsOf = Math.Max(AsOf, same.AsOf),
        UnchangedSince = Math.Min(UnchangedSince, same.UnchangedSince),
    };
}

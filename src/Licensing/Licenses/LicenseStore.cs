using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Licenses;

/// <summary>Licenses, in the platform's partition of table <c>Assignments</c>. Each license row counts the license's seats.</summary>
public sealed class LicenseStore(Tables tables, IdSequence ids, TimeProvider time, Administrator administrator)
{
    private const int CachedLicenses = 10_000;

    private readonly LruCache<(string Platform, long Id), LicenseSnapshot> _cache = new(CachedLicenses);
    private readonly Lock _remembering = new();
    private readonly SharedReads<(string Platform, long Id), LicenseRow> _reads = new(time);

    /// <summary>Reads a license from storage, or returns null if it does not exist; one storage call, two if it has allotments.</summary>
    public async Task<License?> FindAsync(string platform, long id, CancellationToken cancellationToken)
    {
        LicenseSnapshot snapshot = await ReadAsync(platform, id, cancellationToken);
        return (snapshot.IsWhole ? snapshot : await SnapshotAsync(platform, id, cancellationToken)) is { Row: not null } whole ? whole.Counted : null;
    }

    /// <summary>
    /// Returns a license whose terms are at most a minute old, or null. Makes a storage call only if it is not cached.
    /// </summary>
    internal Task<LicenseRow?> GetAsync(string platform, long id, CancellationToken cancellationToken) =>
        Remembered(platform, id) is { } snapshot && time.GetElapsedTime(snapshot.TermsAsOf) < CacheLifetimes.Found
            ? Task.FromResult(snapshot.Row)
            : ReadSharedAsync(platform, id, cancellationToken);

    /// <summary>A method of its own, so that what is remembered needs no closure.</summary>
    private Task<LicenseRow?> ReadSharedAsync(string platform, long id, CancellationToken cancellationToken) =>
        _reads.GetAsync((platform, id), async cancellationToken => (await ReadAsync(platform, id, cancellationToken)).Row, cancellationToken);

    /// <summary>Reads the license row and caches it; one storage call.</summary>
    internal async Task<LicenseSnapshot> ReadAsync(string platform, long id, CancellationToken cancellationToken)
    {
        long asOf = time.GetTimestamp();
        TableEntity? entity = await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.License(id), cancellationToken);
        LicenseRow? row = entity is null ? null : LicenseRows.ToRow(platform, entity);
        return Remember(platform, id, new LicenseSnapshot(
            row, entity?.ETag ?? default, [], IsWhole: row is not { Allotments: > 0 }, asOf, time.GetTimestamp(), asOf));
    }

    /// <summary>Reads the license row with all its allotments and caches them; one storage call. Only for the license's writer.</summary>
    internal async Task<LicenseSnapshot> ReadWholeAsync(string platform, long id, CancellationToken cancellationToken) =>
        Remember(platform, id, await SnapshotAsync(platform, id, cancellationToken));

    /// <summary>Returns the cached snapshot of any age. A write by its ETag fails if it is stale.</summary>
    internal LicenseSnapshot? Remembered(string platform, long id) =>
        _cache.Find((platform, id));

    /// <summary>Caches a snapshot, combined with the cached one, and returns it.</summary>
    internal LicenseSnapshot Remember(string platform, long id, LicenseSnapshot snapshot)
    {
        lock (_remembering)
        {
            if (snapshot.Row is null)
            {
                _cache.Remove((platform, id));
                return snapshot;
            }

            LicenseSnapshot? known = Remembered(platform, id);
            if (known?.Row?.Version > snapshot.Row.Version)
            {
                // A slow read must not replace the result of a later transaction.
                return snapshot;
            }

            snapshot = known is null ? snapshot : snapshot.Joined(known);
            _cache.Set((platform, id), snapshot);
            return snapshot;
        }
    }

    internal void Forget(string platform, long id) => _cache.Remove((platform, id));

    /// <summary>Creates a license. Returns null if <paramref name="id"/> is or was in use.</summary>
    /// <param name="platform">The platform's key.</param>
    /// <param name="id">The license's id, or null for the next id of the sequence.</param>
    /// <param name="name">See <see cref="License"/>, also for the other parameters.</param>
    /// <param name="seats">Null for unlimited.</param>
    /// <param name="starts">Null for no limit.</param>
    /// <param name="expires">Null for no limit.</param>
    /// <param name="redirectTo">Null for none.</param>
    /// <param name="cancellationToken">Cancels the call; the license may have been created.</param>
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
            LicenseRow row = new(platform, candidate, name, seats, Active: true, starts, expires, redirectTo, SeatsUsed: 0, Allotments: 0, Version: 1);
            LicenseChange created = Record(row, before: null, LicenseTerms.Of(row));
            if (await tables.Assignments.TrySubmitAsync(
                [new TableTransactionAction(TableTransactionActionType.Add, LicenseRows.ToEntity(row)), LicenseChangeRows.Add(created)], cancellationToken))
            {
                return row.Counted(setAside: 0);
            }

            if (id is not null)
            {
                return null;
            }
        }
    }

    /// <summary>All licenses of a platform, ordered by id; one storage call per 1,000 rows.</summary>
    public IAsyncEnumerable<License> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        LicenseRows.WithAllotmentsAsync(platform, tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.License, cancellationToken), cancellationToken)
            .Where(each => each.Row is not null)
            .Select(each => each.Row!.Counted(each.Allotments.Sum(allotment => allotment.Free)));

    /// <summary>Changes the terms of a license and returns it, or null if it does not exist.</summary>
    /// <param name="change">
    /// Returns the changed license, or null to change nothing. Called again with the current license after a conflict.
    /// </param>
    /// <remarks>
    /// Changes the ETags of the license row and of each allotment, so that every instance reads the license before it assigns
    /// another seat. Allotments are written unconditionally: they change all the time, and the change does not depend on them.
    /// </remarks>
    public async Task<License?> UpdateAsync(
        string platform, long id, Func<License, License?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            LicenseSnapshot current = await ReadAsync(platform, id, cancellationToken);
            current = current.IsWhole ? current : await SnapshotAsync(platform, id, cancellationToken);
            if (current.Row is not { } row)
            {
                return null;
            }

            if (change(current.Counted) is not { } changed)
            {
                return current.Counted;
            }

            LicenseRow next = row with
            {
                Name = changed.Name,
                Seats = changed.Seats,
                Active = changed.Active,
                Starts = changed.Starts,
                Expires = changed.Expires,
                RedirectTo = changed.RedirectTo,
                Version = row.Version + 1,
            };
            if (await TryReplaceAsync(next, current, cancellationToken))
            {
                Forget(platform, id);
                return (current with { Row = next }).Counted;
            }
        }
    }

    /// <summary>
    /// Replaces a license row, touches its allotments, and adds a history record if the terms changed. Returns false if the
    /// row has changed since it was read.
    /// </summary>
    internal async Task<bool> TryReplaceAsync(LicenseRow next, LicenseSnapshot current, CancellationToken cancellationToken)
    {
        List<TableTransactionAction> actions =
        [
            new(TableTransactionActionType.UpdateReplace, LicenseRows.ToEntity(next), current.ETag),
            .. current.Allotments.Select(allotment => new TableTransactionAction(
                TableTransactionActionType.UpdateMerge, LicenseRows.TouchEntity(next, allotment), ETag.All)),
        ];
        LicenseTerms before = LicenseTerms.Of(current.Row!);
        LicenseTerms after = LicenseTerms.Of(next);
        if (before != after)
        {
            actions.Add(LicenseChangeRows.Add(Record(next, before, after)));
        }

        return await tables.Assignments.TrySubmitAsync(actions, cancellationToken);
    }

    /// <summary>
    /// Changes only the ETag of a license row, so that an instance that writes the row without reading it loses its next race.
    /// </summary>
    internal async Task TouchAsync(LicenseRow row, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Assignments.UpdateEntityAsync(LicenseRows.TouchEntity(row), ETag.All, TableUpdateMode.Merge, cancellationToken);
        }
        catch (RequestFailedException gone) when (gone.Status == 404)
        {
            // The license was removed; the next read shows it.
        }
    }

    /// <summary>
    /// Deletes the rows of an inactive license and adds a history record. Returns false if the license does not exist, is
    /// active, or has changed. Does not check for assignments.
    /// </summary>
    internal async Task<bool> TryRemoveAsync(string platform, long id, CancellationToken cancellationToken)
    {
        List<TableEntity> rows = await tables.Assignments
            .QueryAsync(TableKey.Escape(platform), TableKey.License(id), cancellationToken).ToListAsync(cancellationToken);
        if (rows.FirstOrDefault(row => row.RowKey == TableKey.License(id)) is not { } row || LicenseRows.ToRow(platform, row) is not { Active: false } license)
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

    private LicenseChange Record(LicenseRow license, LicenseTerms? before, LicenseTerms? after) =>
        new(license.Platform, license.Id, license.Version, before, after, time.GetUtcNow(), administrator.Name);

    /// <summary>
    /// Reads the license row and its allotments as of one moment, with a query of one page; if there are more pages, reads
    /// again.
    /// </summary>
    internal async Task<LicenseSnapshot> SnapshotAsync(string platform, long id, CancellationToken cancellationToken)
    {
        while (true)
        {
            long asOf = time.GetTimestamp();
            Page<TableEntity>? page = await tables.Assignments.QueryAsync(TableKey.Escape(platform), TableKey.License(id), cancellationToken)
                .AsPages().FirstOrDefaultAsync(cancellationToken);
            if (page?.ContinuationToken is null)
            {
                IReadOnlyList<TableEntity> rows = page?.Values ?? [];
                LicenseRow? row = rows.Count == 0 || TableKey.LicenseIn(rows[0].RowKey).Allotment is not null ? null : LicenseRows.ToRow(platform, rows[0]);
                return new LicenseSnapshot(
                    row,
                    row is null ? default : rows[0].ETag,
                    row is null ? [] : [.. rows.Skip(1).Select(LicenseRows.ToAllotment)],
                    IsWhole: true,
                    asOf,
                    UnchangedSince: time.GetTimestamp(),
                    TermsAsOf: asOf);
            }
        }
    }
}

using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Licenses;

/// <summary>Licenses, in their platform's partition of table <c>Assignments</c>; each row is the counter of its seats.</summary>
public sealed class LicenseStore(Tables tables, IdSequence ids, TimeProvider time, Administrator administrator)
{
    private const int CachedLicenses = 10_000;

    private readonly LruCache<(string Platform, long Id), LicenseSnapshot> _cache = new(CachedLicenses);
    private readonly Lock _remembering = new();
    private readonly SharedReads<(string Platform, long Id), LicenseRow> _reads = new(time);

    /// <summary>The license as storage has it now, or null; one storage call, and one more when it has allotments.</summary>
    public async Task<License?> FindAsync(string platform, long id, CancellationToken cancellationToken)
    {
        LicenseSnapshot snapshot = await ReadAsync(platform, id, cancellationToken);
        return (snapshot.IsWhole ? snapshot : await SnapshotAsync(platform, id, cancellationToken)) is { Row: not null } whole ? whole.Counted : null;
    }

    /// <summary>What an administrator set, as it was at most a minute ago, or null; a storage call only when it is not remembered.</summary>
    internal Task<LicenseRow?> GetAsync(string platform, long id, CancellationToken cancellationToken) =>
        Remembered(platform, id) is { } snapshot && time.GetElapsedTime(snapshot.TermsAsOf) < CacheLifetimes.Found
            ? Task.FromResult(snapshot.Row)
            : ReadSharedAsync(platform, id, cancellationToken);

    /// <summary>A method of its own, so that what is remembered needs no closure.</summary>
    private Task<LicenseRow?> ReadSharedAsync(string platform, long id, CancellationToken cancellationToken) =>
        _reads.GetAsync((platform, id), async read => (await ReadAsync(platform, id, read)).Row, cancellationToken);

    /// <summary>The license row as storage has it now, remembered for those who ask next; one storage call.</summary>
    internal async Task<LicenseSnapshot> ReadAsync(string platform, long id, CancellationToken cancellationToken)
    {
        long asOf = time.GetTimestamp();
        TableEntity? entity = await tables.Assignments.FindAsync(TableKey.Escape(platform), TableKey.License(id), cancellationToken);
        LicenseRow? row = entity is null ? null : LicenseRows.ToRow(platform, entity);
        return Remember(platform, id, new LicenseSnapshot(
            row, entity?.ETag ?? default, [], IsWhole: row is not { Allotments: > 0 }, asOf, time.GetTimestamp(), asOf));
    }

    /// <summary>The license row and all its allotments, read as one and remembered; one storage call. For the license's writer alone.</summary>
    internal async Task<LicenseSnapshot> ReadWholeAsync(string platform, long id, CancellationToken cancellationToken) =>
        Remember(platform, id, await SnapshotAsync(platform, id, cancellationToken));

    /// <summary>The last snapshot this instance saw, however old; its ETag tells storage whether it still holds.</summary>
    internal LicenseSnapshot? Remembered(string platform, long id) =>
        _cache.Find((platform, id));

    /// <summary>What is given, or more when it is known to have been so before.</summary>
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
                // A slow read must not hide what a transaction has brought since.
                return snapshot;
            }

            snapshot = known is null ? snapshot : snapshot.Joined(known);
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

    /// <summary>All licenses of a platform, by id; one storage call for each 1,000 rows of them.</summary>
    public IAsyncEnumerable<License> OfPlatformAsync(string platform, CancellationToken cancellationToken) =>
        LicenseRows.WithAllotmentsAsync(platform, tables.Assignments.QueryAsync(TableKey.Escape(platform), RowPrefix.License, cancellationToken), cancellationToken)
            .Where(each => each.Row is not null)
            .Select(each => each.Row!.Counted(each.Allotments.Sum(allotment => allotment.Free)));

    /// <summary>Changes what an administrator sets; null when there is no such license.</summary>
    /// <param name="change">
    /// From the license as it is to how it shall be, or null to leave it; asked again when seats have moved meanwhile.
    /// </param>
    /// <remarks>
    /// The new ETags, the license row's and each allotment's, make every instance read the license before it next gives
    /// a seat. The allotments' old ETags are not named: those rows change all the time, and nothing depends on them here.
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
    /// Replaces a license row, touches all its allotments, and records what an administrator changed; false if seats have
    /// moved on the license row since.
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
    /// Gives a license row a new ETag and changes nothing else, so that whoever counts seats in it without reading it
    /// loses its next race for it.
    /// </summary>
    internal async Task TouchAsync(LicenseRow row, CancellationToken cancellationToken)
    {
        try
        {
            await tables.Assignments.UpdateEntityAsync(LicenseRows.TouchEntity(row), ETag.All, TableUpdateMode.Merge, cancellationToken);
        }
        catch (RequestFailedException gone) when (gone.Status == 404)
        {
            // It was removed: the next read tells.
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

    /// <summary>A range of one page, which storage gives as it is at one moment; what comes in two pages is read again.</summary>
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

using System.Collections.Immutable;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Verification;

/// <summary>Checks whether each license counts the seats that its history adds up to, and not more than it has.</summary>
internal sealed class SeatsCheck(PlatformRows rows, LicenseStore licenses, Findings findings)
{
    private readonly Dictionary<long, SeatCount> _counts = [];

    /// <summary>Licenses whose history lacks a record, so that their seats cannot be derived from it.</summary>
    private readonly HashSet<long> _incomplete = [];

    public int Licenses => _counts.Count;

    /// <summary>Call this before reading the history, so that it contains every change up to the versions read here.</summary>
    public async Task ReadLicensesAsync(CancellationToken cancellationToken)
    {
        IAsyncEnumerable<TableEntity> entities = rows.ReadAsync(RowPrefix.License, "licenses", cancellationToken);
        await foreach ((LicenseRow? row, _, List<Allotment> allotments) in LicenseRows.WithAllotmentsAsync(rows.Platform, entities, cancellationToken))
        {
            if (row is null)
            {
                continue;
            }

            if (row.Allotments == 0 && allotments.Count == 0)
            {
                _counts.Add(row.Id, new SeatCount(row, []));
                continue;
            }

            // Read a license with allotments again: they may be on another page, read later than the license.
            LicenseSnapshot whole = await licenses.SnapshotAsync(rows.Platform, row.Id, cancellationToken);
            if (whole.Row is not null)
            {
                _counts.Add(row.Id, new SeatCount(whole.Row, whole.Allotments));
            }
        }
    }

    public async Task<bool> ExistsAsync(long licenseId, CancellationToken cancellationToken) =>
        _counts.ContainsKey(licenseId) || await rows.FindAsync(TableKey.License(licenseId), cancellationToken) is not null;

    public void Add(AssignmentChange change)
    {
        if (_counts.TryGetValue(change.LicenseId, out SeatCount? count))
        {
            count.Add(change);
        }
    }

    /// <summary>Notes that a history record of this license is missing, so that its seats cannot be repaired.</summary>
    public void MarkIncomplete(long licenseId) => _incomplete.Add(licenseId);

    /// <summary>Call this after the whole history has been added.</summary>
    public void Compare()
    {
        foreach ((long id, SeatCount count) in _counts)
        {
            LicenseRow license = count.License;
            long difference = count.SeatsUsed - count.InHistory;
            if (difference != 0)
            {
                AddWrong(
                    id,
                    ViolationCode.SeatsUsedWrong,
                    $"License {id} counts {count.SeatsUsed} {Plural.For(count.SeatsUsed, "seat")} used; its history adds up to {count.InHistory}.",
                    cancellationToken => RepairSeatsAsync(license, difference, cancellationToken));
            }
            else if (license.Allotments != count.Allotments)
            {
                AddWrong(
                    id,
                    ViolationCode.AllotmentsWrong,
                    $"License {id} counts {license.Allotments} {Plural.For(license.Allotments, "allotment")} and has {count.Allotments}.",
                    cancellationToken => RepairAllotmentsAsync(id, cancellationToken));
            }

            if (license.Seats is { } seats && count.InHistory > seats)
            {
                findings.Add(new Violation(
                    rows.Platform, ViolationCode.SeatsExceeded, $"License {id} has {seats} {Plural.For(seats, "seat")}, and {count.InHistory} {Plural.For(count.InHistory, "is", "are")} used.", LicenseId: id));
            }
        }
    }

    private void AddWrong(long licenseId, string code, string detail, Repair repair) =>
        findings.Add(
            new Violation(rows.Platform, code, detail, LicenseId: licenseId),
            _incomplete.Contains(licenseId) ? null : repair);

    /// <summary>
    /// Subtracts the difference from the count as it is now: a seat taken or freed since changed the count and the
    /// history alike. Only a repair changes the difference, so there must have been none in between. Every instance reads
    /// the license before it assigns the next seat.
    /// </summary>
    private async Task<string?> RepairSeatsAsync(LicenseRow counted, long difference, CancellationToken cancellationToken)
    {
        while (true)
        {
            LicenseSnapshot current = await licenses.SnapshotAsync(rows.Platform, counted.Id, cancellationToken);
            if (current.Row is not { } row || row.RepairVersion != counted.RepairVersion)
            {
                return null;
            }

            LicenseRow repaired = Next(current) with { SeatsUsed = row.SeatsUsed - difference, RepairVersion = row.Version + 1 };
            if (await licenses.TryReplaceAsync(repaired, current, cancellationToken))
            {
                long seatsUsed = current.Counted.SeatsUsed;
                return $"Set the seats used of license {row.Id} from {seatsUsed} to {seatsUsed - difference}.";
            }
        }
    }

    private async Task<string?> RepairAllotmentsAsync(long licenseId, CancellationToken cancellationToken)
    {
        while (true)
        {
            LicenseSnapshot current = await licenses.SnapshotAsync(rows.Platform, licenseId, cancellationToken);
            if (current.Row is not { } row || row.Allotments == current.Allotments.Length)
            {
                return null;
            }

            if (await licenses.TryReplaceAsync(Next(current), current, cancellationToken))
            {
                return $"Set the allotments of license {licenseId} from {row.Allotments} to {current.Allotments.Length}.";
            }
        }
    }

    /// <summary>The next version of the row, with the number of allotments that exist.</summary>
    private static LicenseRow Next(LicenseSnapshot current) =>
        current.Row! with { Allotments = current.Allotments.Length, Version = current.Row.Version + 1 };

    /// <summary>A license and its allotments as read, and the seats that its history adds up to at these versions.</summary>
    private sealed class SeatCount(LicenseRow license, ImmutableArray<Allotment> allotments)
    {
        private readonly Dictionary<string, long> _versions =
            allotments.ToDictionary(allotment => allotment.Name, allotment => allotment.Version);

        public LicenseRow License => license;

        public int Allotments => allotments.Length;

        /// <summary>Free seats of allotments are not used.</summary>
        public long SeatsUsed { get; } = license.SeatsUsed - allotments.Sum(allotment => allotment.Free);

        public long InHistory { get; private set; }

        public void Add(AssignmentChange change)
        {
            if (Includes(change))
            {
                InHistory += change.SeatDelta;
            }
        }

        /// <summary>
        /// Whether the rows had counted this change when they were read. An allotment that was not read had been folded before or
        /// was taken since.
        /// </summary>
        private bool Includes(AssignmentChange change) => change.Counter is { } counter
            && (counter.Allotment is null ? counter.Version <= license.Version
                : _versions.TryGetValue(counter.Allotment, out long version) ? counter.Version <= version
                : Allotment.LicenseVersionIn(counter.Allotment) <= license.Version);
    }
}

using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Verification;

/// <summary>Whether each license counts the seats that its history adds up to, and no more than it has.</summary>
internal sealed class SeatsCheck(PlatformRows rows, Findings findings)
{
    private readonly Dictionary<long, SeatCount> _counts = [];

    /// <summary>Licenses whose history has lost a record: its sum says nothing about their seats.</summary>
    private readonly HashSet<long> _incomplete = [];

    public int Licenses => _counts.Count;

    /// <summary>To be called before the history is read: every change up to the versions read here is then in it.</summary>
    public async Task ReadLicensesAsync(CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in rows.ReadAsync(RowPrefix.License, "licenses", cancellationToken))
        {
            License license = LicenseStore.FromEntity(rows.Platform, entity);
            _counts.Add(license.Id, new SeatCount(license));
        }
    }

    public async Task<bool> ExistsAsync(long licenseId, CancellationToken cancellationToken) =>
        _counts.ContainsKey(licenseId) || await rows.FindAsync(TableKey.License(licenseId), cancellationToken) is not null;

    public void Add(Change change)
    {
        if (_counts.TryGetValue(change.LicenseId, out SeatCount? count))
        {
            count.Add(change);
        }
    }

    /// <summary>A history record of this license is lost: its seats cannot be repaired from the rest.</summary>
    public void MarkIncomplete(long licenseId) => _incomplete.Add(licenseId);

    /// <summary>To be called once the whole history has been added.</summary>
    public void Compare()
    {
        foreach ((long id, SeatCount count) in _counts)
        {
            License license = count.License;
            long difference = license.SeatsUsed - count.InHistory;
            if (difference != 0)
            {
                AddWrong(
                    id,
                    ViolationCode.SeatsUsedWrong,
                    $"License {id} counts {license.SeatsUsed} seats used; its history adds up to {count.InHistory}.",
                    step => RepairAsync(id, difference, step));
            }

            if (count.InHistory > license.Seats)
            {
                findings.Add(new Violation(
                    rows.Platform, ViolationCode.SeatsExceeded, $"License {id} has {license.Seats} seats, and {count.InHistory} are used.", LicenseId: id));
            }
        }
    }

    private void AddWrong(long licenseId, string code, string detail, Repair repair) =>
        findings.Add(
            new Violation(rows.Platform, code, detail, LicenseId: licenseId),
            _incomplete.Contains(licenseId) ? null : repair);

    /// <summary>
    /// Subtracts the difference from the count as it is now: a seat taken or freed since changed the count and the
    /// history alike.
    /// </summary>
    private async Task<string?> RepairAsync(long licenseId, long difference, CancellationToken cancellationToken)
    {
        while (true)
        {
            TableEntity? entity = await rows.FindAsync(TableKey.License(licenseId), cancellationToken);
            if (entity is null)
            {
                return null;
            }

            License license = LicenseStore.FromEntity(rows.Platform, entity);
            License repaired = license with { SeatsUsed = license.SeatsUsed - difference, Version = license.Version + 1 };
            if (await rows.TrySubmitAsync(
                [new TableTransactionAction(TableTransactionActionType.UpdateMerge, LicenseStore.SeatsEntity(repaired), entity.ETag)], cancellationToken))
            {
                return $"Set the seats used of license {licenseId} from {license.SeatsUsed} to {repaired.SeatsUsed}.";
            }
        }
    }

    /// <summary>A license as it was read, and the seats that its history adds up to at that version.</summary>
    private sealed class SeatCount(License license)
    {
        public License License { get; } = license;

        public long InHistory { get; private set; }

        public void Add(Change change)
        {
            if (Includes(change))
            {
                InHistory += change.SeatDelta;
            }
        }

        /// <summary>Whether the row counted this change when it was read.</summary>
        private bool Includes(Change change) => change.LicenseVersion <= License.Version;
    }
}

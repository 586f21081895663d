using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// What a license's writer knows of the rows that count seats, and which of them it is to use next: when it must read
/// them, whether it has lost a race for the license row, which allotment is its own.
/// </summary>
internal sealed class LicenseSeats(
    string platform, long licenseId, LicenseStore licenses, OwnAllotments allotments, TimeProvider time, Random random)
{
    /// <summary>The license row for which another writer was faster, until it is known who that was.</summary>
    private LicenseRow? _lost;

    /// <summary>The license row with which no allotment could be taken, because another writer was faster.</summary>
    private LicenseRow? _notTaken;

    /// <summary>
    /// Whether another instance counts seats in the license row without a pause: it never reads the row, so who must read
    /// it first loses every race.
    /// </summary>
    private bool _starved;
    private bool _contended;

    /// <summary>
    /// Whether a request was not served by the rows used in ordinary operation. It holds until the rows have been read
    /// and used once: what is written meanwhile does not end it.
    /// </summary>
    public bool WantsAll { get; set; }

    private OwnAllotment? Own => allotments.Find(platform, licenseId);

    /// <summary>The license as last seen, or read now when that does not do.</summary>
    public async Task<LicenseSnapshot> ReadAsync()
    {
        if (_starved)
        {
            await DisturbAsync(_notTaken!);
        }

        OwnAllotment? own = Own;
        LicenseSnapshot? remembered = licenses.Remembered(platform, licenseId);
        LicenseSnapshot snapshot = remembered is not null && !WantsAll && (own is null || remembered.Find(own.Name) is not null)
            ? remembered
            : await ReadNowAsync(whole: own is not null || (WantsAll && remembered?.Row?.Allotments > 0));
        if (_lost is not null)
        {
            // An administrator's change is no race: it comes once.
            _contended = snapshot.Row?.HasTermsOf(_lost) == true;
            _lost = null;
        }

        return snapshot;
    }

    public SeatPlan Plan(LicenseSnapshot snapshot, DateTimeOffset now) => SeatPlan.For(
        snapshot, Own, take: _contended && Own is null ? allotments.Next(snapshot.Row!) : null, WantsAll, now, random);

    public void Forget() => licenses.Forget(platform, licenseId);

    /// <summary>What the outcome of a group tells of the rows.</summary>
    public void Learn(ChangeGroup group, CommitResult result)
    {
        SeatPlan plan = group.Plan;
        switch (result)
        {
            case CommitResult.Written or CommitResult.WrittenBefore when !group.MovesSeats:
                break;
            case CommitResult.Written { License: { } license }:
                licenses.Remember(platform, licenseId, license);
                Moved(plan);
                break;
            case CommitResult.Written or CommitResult.WrittenBefore:
                Forget();
                Moved(plan);
                break;
            case CommitResult.Overtaken { Culprit: null }:
                Forget();
                Lost(plan);
                break;
            case CommitResult.Overtaken:
                break;
            case CommitResult.Rejected:
                Forget();
                break;
            default:
                Forget();
                if (plan.TakesAllotment)
                {
                    // It may be there: the next read tells. One that was forgotten would be nobody's.
                    allotments.Set(platform, licenseId, plan.Own!);
                }

                break;
        }
    }

    private void Lost(SeatPlan plan)
    {
        LicenseRow row = plan.Snapshot.Row!;
        _lost = plan.Counter is null && Own is null ? row : null;
        _starved = plan.TakesAllotment && row.Allotments == _notTaken?.Allotments;
        _notTaken = plan.TakesAllotment ? row : null;
    }

    /// <summary>Has the other instance lose a race too, so that it takes an allotment and leaves the license row alone.</summary>
    private async Task DisturbAsync(LicenseRow row)
    {
        _starved = false;
        using CancellationTokenSource deadline = new(Deadlines.Request, time);
        try
        {
            await licenses.TouchAsync(row, deadline.Token);
        }
        catch (Exception exception) when (StorageFault.IsTransient(exception))
        {
            // The next race may be won all the same.
        }
    }

    private void Moved(SeatPlan plan)
    {
        _notTaken = null;
        if (plan.Own is { } own)
        {
            allotments.Set(platform, licenseId, own.Larger);
        }
        else if (plan.Folded.Any(allotment => allotment.Name == Own?.Name))
        {
            allotments.Remove(platform, licenseId);
            _contended = false;
        }
    }

    private async Task<LicenseSnapshot> ReadNowAsync(bool whole)
    {
        using CancellationTokenSource deadline = new(Deadlines.Request, time);
        LicenseSnapshot snapshot = whole
            ? await licenses.ReadWholeAsync(platform, licenseId, deadline.Token)
            : await licenses.ReadAsync(platform, licenseId, deadline.Token);
        if (WantsAll && !snapshot.IsWhole)
        {
            snapshot = await licenses.ReadWholeAsync(platform, licenseId, deadline.Token);
        }

        if (Own is { } own && snapshot.Find(own.Name) is null)
        {
            allotments.Remove(platform, licenseId);
        }

        return snapshot;
    }
}

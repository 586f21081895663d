using Licensing.Licenses;
using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// Tracks the rows that count a license's seats for its writer: when to read them, whether the license row is contended,
/// and which allotment is this instance's own.
/// </summary>
internal sealed class LicenseSeats(
    string platform, long licenseId, LicenseStore licenses, OwnAllotments allotments, TimeProvider time, Random random)
{
    /// <summary>The license row that another writer changed first, until the next read shows what changed.</summary>
    private LicenseRow? _lost;

    /// <summary>The license row on which taking an allotment failed, because another writer changed it first.</summary>
    private LicenseRow? _notTaken;

    /// <summary>
    /// Whether another instance writes the license row continuously. That instance need not read it between writes, so this
    /// one, which must, loses every race.
    /// </summary>
    private bool _starved;
    private bool _contended;

    /// <summary>
    /// Whether a request needs the license and all its allotments. Stays set until they have been read and used once;
    /// writes in between do not reset it.
    /// </summary>
    public bool WantsAll { get; set; }

    private OwnAllotment? Own => allotments.Find(platform, licenseId);

    /// <summary>Returns the cached license, or reads it if the cache is not sufficient.</summary>
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
            // An administrator's change is not contention.
            _contended = snapshot.Row?.HasTermsOf(_lost) == true;
            _lost = null;
        }

        return snapshot;
    }

    public SeatPlan Plan(LicenseSnapshot snapshot, DateTimeOffset now) => SeatPlan.For(
        snapshot, Own, take: _contended && Own is null ? allotments.Next(snapshot.Row!) : null, WantsAll, now, random);

    public void Forget() => licenses.Forget(platform, licenseId);

    /// <summary>Updates what is known of the rows after a group.</summary>
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
                    // It may exist; the next read shows it. A forgotten allotment would block its seats.
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

    /// <summary>Makes the other instance lose a race too, so that it takes an allotment and leaves the license row.</summary>
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
            // Not essential: the next race may be won without it.
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

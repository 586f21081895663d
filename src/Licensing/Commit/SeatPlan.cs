using System.Collections.Immutable;
using Licensing.Licenses;

namespace Licensing.Commit;

/// <summary>
/// Selects the rows that count the seats of a group: either the license row, which can also refill this instance's
/// allotment or fold others, or one allotment, this instance's or another's. Pure.
/// </summary>
/// <param name="Counter">The allotment that counts; null if the license row counts.</param>
/// <param name="Own">This instance's allotment, if seats are set aside in it from the license row.</param>
/// <param name="Folded">Allotments that are deleted; their free seats return to the license row.</param>
internal sealed record SeatPlan(LicenseSnapshot Snapshot, Allotment? Counter, OwnAllotment? Own, ImmutableArray<Allotment> Folded)
{
    /// <summary>An allotment that was not written for this long may be folded by any instance.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    /// <summary>An instance sets aside at most one in this many free seats, so that the others get some too.</summary>
    private const int Share = 8;

    private LicenseRow Row => Snapshot.Row!;

    /// <summary>Seats that a group can take with this plan.</summary>
    public long Free => Counter?.Free ?? (Row.Free + Folded.Sum(allotment => allotment.Free));

    /// <summary>Whether the plan creates an allotment for this instance.</summary>
    public bool TakesAllotment => Own is not null && Snapshot.Find(Own.Name) is null;

    /// <summary>Whether the plan uses another instance's allotment.</summary>
    public bool UsesAnothers { get; private init; }

    /// <summary>Whether no other row can have a free seat, so that a request may be refused.</summary>
    public bool IsFinal { get; private init; }

    /// <summary>The number of rows that the plan writes.</summary>
    public int Rows => 1 + (Own is null ? 0 : 1) + Folded.Length;

    /// <param name="own">This instance's allotment, or null.</param>
    /// <param name="take">The allotment to take if the license row is contended, or null.</param>
    /// <param name="wantsAll">Whether a request needs all rows; the snapshot has then just been read whole.</param>
    public static SeatPlan For(
        LicenseSnapshot snapshot, OwnAllotment? own, OwnAllotment? take, bool wantsAll, DateTimeOffset now, Random random)
    {
        bool isFinal = snapshot.IsWhole && (wantsAll || snapshot.Allotments.IsEmpty || snapshot.IsFull);
        return Choose(snapshot, own, take, wantsAll, now, random) with { IsFinal = isFinal };
    }

    private static SeatPlan Choose(
        LicenseSnapshot snapshot, OwnAllotment? own, OwnAllotment? take, bool wantsAll, DateTimeOffset now, Random random)
    {
        LicenseRow row = snapshot.Row!;
        Allotment? mine = snapshot.Find(own?.Name);
        if (row.IsOverdrawn)
        {
            // Allotments may hold seats that no longer exist, so use none, and fold them once they are known.
            return OnLicense(snapshot, own: null, snapshot.IsWhole ? snapshot.Allotments : []);
        }

        if (!wantsAll)
        {
            return mine is null
                ? OnLicense(snapshot, row.Allotments < Allotment.Most ? take : null, [])
                : OnAllotment(snapshot, mine);
        }

        if (row.Free > 0)
        {
            return OnLicenseAndIdle(snapshot, mine, mine is null ? take : own, now);
        }

        Allotment[] others = [.. snapshot.Allotments.Where(allotment => allotment != mine && allotment.Free > 0)];
        return mine is not { Free: > 0 } && others.Length > 0
            ? OnAllotment(snapshot, others[random.Next(others.Length)]) with { UsesAnothers = true }
            : mine is null ? OnLicense(snapshot, snapshot.Allotments.IsEmpty ? take : null, []) : OnAllotment(snapshot, mine);
    }

    /// <summary>Returns an allotment's free seats to the license row and deletes it.</summary>
    public static SeatPlan Fold(LicenseSnapshot snapshot, Allotment allotment) => OnLicense(snapshot, own: null, [allotment]);

    /// <summary>
    /// Uses the license row and folds idle allotments into it; this instance's own one too if no other is in use.
    /// </summary>
    private static SeatPlan OnLicenseAndIdle(LicenseSnapshot snapshot, Allotment? mine, OwnAllotment? own, DateTimeOffset now)
    {
        ImmutableArray<Allotment> idle = [.. snapshot.Allotments.Where(allotment => allotment != mine && now - allotment.Written > Idle)];
        int inUse = snapshot.Allotments.Length - idle.Length;
        return mine is not null && inUse == 1 ? OnLicense(snapshot, own: null, snapshot.Allotments)
            : mine is null && inUse >= Allotment.Most ? OnLicense(snapshot, own: null, idle)
            : OnLicense(snapshot, own, idle);
    }

    private static SeatPlan OnLicense(LicenseSnapshot snapshot, OwnAllotment? own, ImmutableArray<Allotment> folded) =>
        new(snapshot, Counter: null, own, folded);

    private static SeatPlan OnAllotment(LicenseSnapshot snapshot, Allotment counter) => new(snapshot, counter, Own: null, []);

    /// <summary>Returns the rows after this plan has taken <paramref name="seats"/> seats, or freed them if negative.</summary>
    public SeatMove Move(long seats)
    {
        if (Counter is not null)
        {
            return new SeatMove(this, Row, Counter with { Free = Counter.Free - seats, Version = Counter.Version + 1 });
        }

        long free = Free - seats;
        long aside = Own is null ? 0 : Math.Clamp((free + Share - 1) / Share, 0, Own.Size);
        LicenseRow row = Row with
        {
            SeatsUsed = Row.SeatsUsed - Folded.Sum(allotment => allotment.Free) + seats + aside,
            Allotments = Row.Allotments - Folded.Length + (TakesAllotment ? 1 : 0),
            Version = Row.Version + 1,
        };
        Allotment? mine = Own is null ? null : Snapshot.Find(Own.Name) ?? new Allotment(Own.Name, Free: 0, Version: 0, default, default);
        return new SeatMove(this, row, mine is null ? null : mine with { Free = mine.Free + aside, Version = mine.Version + 1 });
    }
}

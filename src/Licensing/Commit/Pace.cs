using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>Moving averages of a license's recent groups, which predict how long a new change will wait.</summary>
/// <param name="Group">Time from the start of one group to the start of the next.</param>
/// <param name="Size">Changes in a full group.</param>
internal sealed record Pace(TimeSpan Group, double Size)
{
    /// <summary>The weight of the last group in the averages.</summary>
    private const double Weight = 0.25;

    /// <summary>The share of the remaining time that the expected wait may use; the rest is a reserve.</summary>
    private const double Share = 0.5;

    /// <summary>The pace before the first group.</summary>
    public static Pace Unknown { get; } = new(TimeSpan.Zero, ChangeGroup.MaxCreates);

    /// <summary>
    /// Returns whether a change behind this many others can be finished in time. A change that fits into the next group is
    /// always allowed; otherwise, slow storage would get less work than it can do.
    /// </summary>
    public bool Allows(int ahead, TimeSpan left) => ahead < Size || Group * (2 + (ahead / Size)) <= left * Share;

    /// <param name="took">The time the group took.</param>
    /// <param name="changes">Changes in the group.</param>
    /// <param name="full">Whether the group was full.</param>
    public Pace After(TimeSpan took, int changes, bool full)
    {
        // Capped, so that a new change gets an attempt however slow the last groups were.
        TimeSpan last = took < Deadlines.StorageTry ? took : Deadlines.StorageTry;
        return new Pace(
            this == Unknown ? last : Group + ((last - Group) * Weight),
            full ? Size + ((changes - Size) * Weight) : Size);
    }
}

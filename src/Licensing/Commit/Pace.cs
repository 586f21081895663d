using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>How fast a license's groups are written, by the last ones: what a change that comes now must expect.</summary>
/// <param name="Group">From the beginning of a group's writing to when the next may begin.</param>
/// <param name="Size">Changes in a group that has no room for more.</param>
internal sealed record Pace(TimeSpan Group, double Size)
{
    /// <summary>How much the last group counts.</summary>
    private const double Weight = 0.25;

    /// <summary>Of the time left, how much the expected wait may take: the rest is for what is slower than expected.</summary>
    private const double Share = 0.5;

    /// <summary>Nothing has been written yet.</summary>
    public static Pace Unknown { get; } = new(TimeSpan.Zero, ChangeGroup.MaxCreates);

    /// <summary>
    /// Whether a change can be finished in time behind so many others. What the next group has room for always may:
    /// else slow storage would be given less work than it takes.
    /// </summary>
    public bool Allows(int ahead, TimeSpan left) => ahead < Size || Group * (2 + (ahead / Size)) <= left * Share;

    /// <param name="full">Whether the group had no room for another change.</param>
    public Pace After(TimeSpan took, int changes, bool full)
    {
        // At most one try's time: however bad the last groups were, a change that just came can be tried.
        TimeSpan last = took < Deadlines.StorageTry ? took : Deadlines.StorageTry;
        return new Pace(
            this == Unknown ? last : Group + ((last - Group) * Weight),
            full ? Size + ((changes - Size) * Weight) : Size);
    }
}

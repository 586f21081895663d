using System.Collections.Immutable;
using Azure;

namespace Licensing.Licenses;

/// <summary>A license row and the allotments known with it, as they were when storage was asked.</summary>
/// <param name="Row">Null when there is no such license.</param>
/// <param name="Allotments">Never newer than the row: an allotment's ETag vouches for what the row says of the license.</param>
/// <param name="IsWhole">Whether these are all allotments of the license.</param>
/// <param name="AsOf">Timestamp of <see cref="TimeProvider"/>: all of it was so at this moment or later.</param>
/// <param name="UnchangedSince">From this timestamp on nobody but this instance's writer has changed any of it.</param>
/// <param name="TermsAsOf">What an administrator sets was so at this moment or later.</param>
internal sealed record LicenseSnapshot(
    LicenseRow? Row, ETag ETag, ImmutableArray<Allotment> Allotments, bool IsWhole, long AsOf, long UnchangedSince, long TermsAsOf)
{
    /// <summary>The license as people see it; exact only when the snapshot is whole.</summary>
    public License Counted => Row!.Counted(Allotments.Sum(allotment => allotment.Free));

    /// <summary>Whether neither the license row nor a known allotment has a free seat.</summary>
    public bool IsFull => Row!.Free <= 0 && Allotments.All(allotment => allotment.Free <= 0);

    public Allotment? Find(string? name) => name is null ? null : Allotments.FirstOrDefault(allotment => allotment.Name == name);

    /// <summary>What both know, when this was read and the other was known before.</summary>
    public LicenseSnapshot Joined(LicenseSnapshot known)
    {
        if ((known.ETag, known.Row?.Version) != (ETag, Row?.Version))
        {
            return this;
        }

        if (!IsWhole)
        {
            // The license row by itself says nothing new of the allotments.
            return known with { TermsAsOf = Math.Max(TermsAsOf, known.TermsAsOf) };
        }

        bool same = known.IsWhole && Allotments.Select(Identity).SequenceEqual(known.Allotments.Select(Identity));
        return same
            ? this with { AsOf = Math.Max(AsOf, known.AsOf), TermsAsOf = Math.Max(TermsAsOf, known.TermsAsOf), UnchangedSince = Math.Min(UnchangedSince, known.UnchangedSince) }
            : this;

        static (string, ETag) Identity(Allotment allotment) => (allotment.Name, allotment.ETag);
    }
}

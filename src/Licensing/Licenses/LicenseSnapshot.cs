using System.Collections.Immutable;
using Azure;

namespace Licensing.Licenses;

/// <summary>A license row and its known allotments. Times are timestamps of <see cref="TimeProvider"/>.</summary>
/// <param name="Row">Null if the license does not exist.</param>
/// <param name="ETag">The ETag of the license row.</param>
/// <param name="Allotments">Never newer than the row, so a write by an allotment's ETag also confirms the terms in the row.</param>
/// <param name="IsWhole">Whether these are all allotments of the license.</param>
/// <param name="AsOf">The snapshot was current at this time or later.</param>
/// <param name="UnchangedSince">Since this time, only this instance's writer has changed the snapshot.</param>
/// <param name="TermsAsOf">What administrators set was current at this time or later.</param>
internal sealed record LicenseSnapshot(
    LicenseRow? Row, ETag ETag, ImmutableArray<Allotment> Allotments, bool IsWhole, long AsOf, long UnchangedSince, long TermsAsOf)
{
    /// <summary>The license with its seats used; exact only if the snapshot is whole.</summary>
    public License Counted => Row!.Counted(Allotments.Sum(allotment => allotment.Free));

    /// <summary>Whether neither the license row nor any known allotment has a free seat.</summary>
    public bool IsFull => Row!.Free <= 0 && Allotments.All(allotment => allotment.Free <= 0);

    public Allotment? Find(string? name) => name is null ? null : Allotments.FirstOrDefault(allotment => allotment.Name == name);

    /// <summary>Combines this snapshot, just read, with the one that was cached, if both have the same license row.</summary>
    public LicenseSnapshot Joined(LicenseSnapshot known)
    {
        if ((known.ETag, known.Row?.Version) != (ETag, Row?.Version))
        {
            return this;
        }

        if (!IsWhole)
        {
            // The license row alone says nothing new about the allotments.
            return known with { TermsAsOf = Math.Max(TermsAsOf, known.TermsAsOf) };
        }

        bool same = known.IsWhole && Allotments.Select(Identity).SequenceEqual(known.Allotments.Select(Identity));
        return same
            ? this with { AsOf = Math.Max(AsOf, known.AsOf), TermsAsOf = Math.Max(TermsAsOf, known.TermsAsOf), UnchangedSince = Math.Min(UnchangedSince, known.UnchangedSince) }
            : this;

        static (string, ETag) Identity(Allotment allotment) => (allotment.Name, allotment.ETag);
    }
}

using Licensing.Assignments;
using Licensing.Licenses;

namespace Admin.Output;

/// <summary>Calculates the seats used of a license over time.</summary>
internal static class UsageSeries
{
    private const int Points = 60;

    /// <param name="seatChanges">The license's changes that took or freed seats.</param>
    /// <param name="termChanges">Oldest first; empty for a license created by an earlier version.</param>
    public static IReadOnlyList<UsagePointJson> Of(
        IEnumerable<AssignmentChange> seatChanges, IReadOnlyList<LicenseChange> termChanges, License license, DateTimeOffset now)
    {
        (DateTimeOffset At, int Delta)[] steps = [.. seatChanges.Where(change => change.SeatDelta != 0).OrderBy(change => change.At).Select(change => (change.At, change.SeatDelta))];
        DateTimeOffset first = steps.Select(step => step.At).Concat(termChanges.Select(change => change.At)).DefaultIfEmpty(now).Min();
        TimeSpan width = (now - first) / Points;
        List<UsagePointJson> points = [];
        (long used, int at) = (0, 0);
        for (int i = 1; i <= Points; i++)
        {
            DateTimeOffset end = i == Points ? now : first + (width * i);
            long peak = used;
            for (; at < steps.Length && (steps[at].At <= end || i == Points); at++)
            {
                used += steps[at].Delta;
                peak = Math.Max(peak, used);
            }

            LicenseTerms? terms = termChanges.LastOrDefault(change => change.At <= end)?.After ?? (termChanges.Count > 0 ? termChanges[0].Before : null);
            points.Add(new UsagePointJson(end, used, peak, i == Points || terms is null ? license.Seats : terms.Seats));
        }

        return points;
    }
}

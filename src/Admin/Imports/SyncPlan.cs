using Licensing.Assignments;

namespace Admin.Imports;

/// <summary>The changes that make a license's assignments match a file.</summary>
internal sealed record SyncPlan(
    IReadOnlyList<ImportRow<NewAssignment>> Adds,
    IReadOnlyList<(ImportRow<NewAssignment> Row, Assignment Current)> Changes,
    IReadOnlyList<Assignment> Removals,
    int Unchanged)
{
    /// <summary>Seats taken minus seats freed.</summary>
    public int SeatsNeeded =>
        Adds.Count(row => row.Value.Active)
        + Changes.Sum(change => (change.Row.Value.Active ? 1 : 0) - change.Current.State.Seats)
        - Removals.Sum(removal => removal.State.Seats);

    /// <param name="rows">Valid rows, at most one per user.</param>
    /// <param name="held">The license's assignments.</param>
    public static SyncPlan Of(IEnumerable<ImportRow<NewAssignment>> rows, IReadOnlyCollection<Assignment> held, bool adds, bool removes)
    {
        Dictionary<long, Assignment> byUser = held.ToDictionary(assignment => assignment.UserId);
        List<ImportRow<NewAssignment>> fresh = [];
        List<(ImportRow<NewAssignment>, Assignment)> changes = [];
        HashSet<long> named = [];
        foreach (ImportRow<NewAssignment> row in rows)
        {
            named.Add(row.Value.UserId);
            if (!byUser.TryGetValue(row.Value.UserId, out Assignment? current))
            {
                fresh.Add(row);
                continue;
            }

            // A line without a value for "fulfilled" does not change it.
            NewAssignment wanted = row.Value.SaysFulfilled ? row.Value : row.Value with { Fulfilled = current.State.Fulfilled };
            if ((wanted.Active, wanted.Fulfilled) != (current.State.Active, current.State.Fulfilled))
            {
                changes.Add((row with { Value = wanted }, current));
            }
        }

        List<Assignment> gone = [.. held.Where(assignment => !named.Contains(assignment.UserId))];
        return new SyncPlan(
            adds ? fresh : [], adds ? changes : [], removes ? gone : [], held.Count - gone.Count - changes.Count);
    }
}

namespace Licensing.Verification;

/// <summary>The violations found so far and the possible repairs, in the order in which they were found.</summary>
internal sealed class Findings
{
    private readonly List<Violation> _violations = [];
    private readonly List<Repair> _repairs = [];

    public IReadOnlyList<Violation> Violations => _violations;

    public IReadOnlyList<Repair> Repairs => _repairs;

    /// <param name="violation">The violation.</param>
    /// <param name="repair">Null if only an administrator can decide what is right.</param>
    public void Add(Violation violation, Repair? repair = null)
    {
        _violations.Add(violation);
        if (repair is not null)
        {
            AddCleanUp(repair);
        }
    }

    /// <summary>Adds a repair without a violation: for an interrupted change, or for rows that are no longer needed.</summary>
    public void AddCleanUp(Repair repair) => _repairs.Add(repair);
}

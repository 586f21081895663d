namespace Licensing.Verification;

/// <summary>Repairs one violation; returns one sentence that says what was done, or null when nothing had to be done.</summary>
internal delegate Task<string?> Repair(CancellationToken cancellationToken);

/// <summary>The violations found so far, and the repairs that are possible, both in the order in which they were found.</summary>
internal sealed class Findings
{
    private readonly List<Violation> _violations = [];
    private readonly List<Repair> _repairs = [];

    public IReadOnlyList<Violation> Violations => _violations;

    public IReadOnlyList<Repair> Repairs => _repairs;

    /// <param name="violation">The violation.</param>
    /// <param name="repair">Null when only an administrator can decide what is right.</param>
    public void Add(Violation violation, Repair? repair = null)
    {
        _violations.Add(violation);
        if (repair is not null)
        {
            AddCleanUp(repair);
        }
    }

    /// <summary>For what is no violation: a change that broke off, or rows that are of no more use.</summary>
    public void AddCleanUp(Repair repair) => _repairs.Add(repair);
}

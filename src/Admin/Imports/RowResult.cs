namespace Admin.Imports;

/// <summary>The result of writing one row.</summary>
internal abstract record RowResult
{
    private RowResult()
    {
    }

    public sealed record Added : RowResult;

    /// <summary>Another caller added the same in the meantime.</summary>
    public sealed record Existed : RowResult;

    public sealed record Rejected(string Fault) : RowResult;
}

namespace Admin.Bench;

/// <param name="Failure">Why the request failed, or null.</param>
/// <param name="AssignmentId">The id of the created assignment, or null.</param>
/// <param name="IsSettled">False if no response arrived, so that the request may still be in progress.</param>
internal sealed record BenchAnswer(string? Failure, long? AssignmentId = null, bool IsSettled = true)
{
    public static readonly BenchAnswer Succeeded = new(Failure: null);
}

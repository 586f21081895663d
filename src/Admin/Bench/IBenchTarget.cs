namespace Admin.Bench;

/// <summary>What is measured: the operations of the API on the license of a <see cref="BenchPlatform"/>.</summary>
internal interface IBenchTarget : IDisposable
{
    /// <summary>Creates an assignment, which the answer names.</summary>
    Task<BenchAnswer> CreateAsync(long userId);

    /// <summary>Asks whether somebody with this address has a license.</summary>
    Task<BenchAnswer> CheckAsync(string email);

    Task<BenchAnswer> DeleteAsync(long assignmentId);
}

/// <param name="Failure">Why there is no result, or null.</param>
/// <param name="AssignmentId">Of a create that succeeded.</param>
/// <param name="IsSettled">Whether the request is over; false when no answer came, so that it may still be served.</param>
internal sealed record BenchAnswer(string? Failure, long? AssignmentId = null, bool IsSettled = true)
{
    public static readonly BenchAnswer Succeeded = new(Failure: null);
}

namespace Admin.Bench;

/// <summary>The operations to measure, on the license of a <see cref="BenchPlatform"/>.</summary>
internal interface IBenchTarget : IDisposable
{
    Task<BenchAnswer> CreateAsync(long userId);

    Task<BenchAnswer> CheckAsync(string email);

    Task<BenchAnswer> DeleteAsync(long assignmentId);
}

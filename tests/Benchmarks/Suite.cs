using LocalHost;

namespace Benchmarks;

/// <summary>What the parts of the benchmark share: one Azurite, the duration of measurements, and the results.</summary>
internal sealed record Suite(Azurite Azurite, Results Results, bool Quick)
{
    public int Rounds { get; } = Quick ? 3 : 5;

    /// <summary>The duration of one side in one round.</summary>
    public TimeSpan Time { get; } = TimeSpan.FromMilliseconds(Quick ? 150 : 300);

    public int[] Callers { get; } = [1, 16, 64];

    public Task<World> NewWorldAsync(int users) => World.CreateAsync(Azurite.ConnectionString, users);
}

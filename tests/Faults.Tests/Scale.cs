using System.Globalization;

namespace Faults.Tests;

/// <summary>
/// How long the random histories run: a few hundred requests in a test run, or minutes with <c>FAULTS_MINUTES</c>.
/// <c>FAULTS_SEED</c> repeats a run's choices; a run that fails names its seed.
/// </summary>
internal static class Scale
{
    private const int ShortRequests = 1_500;

    public static int Seed { get; } = Read("FAULTS_SEED") ?? Random.Shared.Next();

    private static readonly TimeSpan? Long = Read("FAULTS_MINUTES") is { } minutes ? TimeSpan.FromMinutes(minutes) : null;

    /// <summary>Whether a run that has gone on for so long and sent so many requests is to go on.</summary>
    public static bool GoOn(TimeSpan elapsed, int requests) => Long is { } all ? elapsed < all : requests < ShortRequests;

    private static int? Read(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : null;
}

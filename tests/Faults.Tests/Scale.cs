using System.Globalization;

namespace Faults.Tests;

/// <summary>
/// How long the random histories run: 1,500 requests in a test run, or the minutes in <c>FAULTS_MINUTES</c>.
/// <c>FAULTS_SEED</c> repeats the choices of a run; a failing run prints its seed.
/// </summary>
internal static class Scale
{
    private const int ShortRequests = 1_500;

    public static int Seed { get; } = Read("FAULTS_SEED") ?? Random.Shared.Next();

    private static readonly TimeSpan? Long = Read("FAULTS_MINUTES") is { } minutes ? TimeSpan.FromMinutes(minutes) : null;

    /// <summary>Whether a run of this duration and number of requests should continue.</summary>
    public static bool ShouldContinue(TimeSpan elapsed, int requests) => Long is { } all ? elapsed < all : requests < ShortRequests;

    private static int? Read(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : null;
}

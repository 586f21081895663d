namespace Admin.Output;

/// <param name="Storage">The account and the prefix of the tables.</param>
/// <param name="Url">The API that was measured; null when the service ran in the command itself.</param>
/// <param name="Seconds">How long each measurement was to take.</param>
internal sealed record BenchJson(string Storage, string? Url, int Seconds, IReadOnlyList<MeasurementJson> Measurements);

/// <param name="Operation">Create, check or delete.</param>
/// <param name="Requests">That succeeded; the other figures are of these.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="P50Ms">Milliseconds within which half of the requests were answered; null when none succeeded.</param>
/// <param name="P100Ms">Milliseconds of the slowest request.</param>
/// <param name="StorageCalls">Each attempt counted; null when a running API made them, which counts them in its own telemetry.</param>
internal sealed record MeasurementJson(
    string Operation,
    int Callers,
    int Requests,
    int Failed,
    double Seconds,
    double PerSecond,
    double? P50Ms,
    double? P99Ms,
    double? P100Ms,
    long? StorageCalls,
    double? StorageCallsPerRequest)
{
    public static MeasurementJson Of(string operation, int callers, TimeSpan[] times, int failed, TimeSpan took, long? storageCalls)
    {
        Array.Sort(times);
        return new MeasurementJson(
            operation,
            callers,
            times.Length,
            failed,
            Math.Round(took.TotalSeconds, 2),
            Math.Round(times.Length / took.TotalSeconds, 1),
            Percentile(times, 50),
            Percentile(times, 99),
            Percentile(times, 100),
            storageCalls,
            times.Length == 0 ? null : storageCalls / (double)times.Length is { } each ? Math.Round(each, 2) : null);
    }

    /// <summary>The nearest rank: the least time that this share of the requests did not exceed.</summary>
    private static double? Percentile(TimeSpan[] sorted, int percent) =>
        sorted.Length == 0 ? null : Math.Round(sorted[(int)Math.Ceiling(sorted.Length * (long)percent / 100.0) - 1].TotalMilliseconds, 2);
}

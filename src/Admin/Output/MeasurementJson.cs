namespace Admin.Output;

/// <param name="Operation">create, check or delete.</param>
/// <param name="Requests">Successful requests, to which the other figures refer.</param>
/// <param name="Seconds">The actual duration.</param>
/// <param name="P50Ms">The median duration of a request in milliseconds; null if none succeeded.</param>
/// <param name="P100Ms">The duration of the slowest request in milliseconds.</param>
/// <param name="StorageCalls">Attempts of storage calls; null for a running API, which counts them in its own telemetry.</param>
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

    /// <summary>The percentile by the nearest-rank method.</summary>
    private static double? Percentile(TimeSpan[] sorted, int percent) =>
        sorted.Length == 0 ? null : Math.Round(sorted[(int)Math.Ceiling(sorted.Length * (long)percent / 100.0) - 1].TotalMilliseconds, 2);
}

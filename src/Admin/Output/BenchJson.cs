namespace Admin.Output;

/// <param name="Storage">The storage account and the table prefix.</param>
/// <param name="Url">The measured API; null for the service in this process.</param>
/// <param name="Seconds">The requested duration of each measurement.</param>
internal sealed record BenchJson(string Storage, string? Url, int Seconds, IReadOnlyList<MeasurementJson> Measurements);

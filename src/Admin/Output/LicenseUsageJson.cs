namespace Admin.Output;

/// <param name="Points">Evenly spaced from the first change to now.</param>
internal sealed record LicenseUsageJson(
    string PlatformKey, long LicenseId, string Name, long? Seats, long SeatsUsed, IReadOnlyList<UsagePointJson> Points);

namespace Admin.Output;

/// <param name="Rows">Lines with data in the file.</param>
/// <param name="Added">Assignments added. With <c>--dry-run</c>, this and the other numbers are what would be done.</param>
/// <param name="Unchanged">Assignments that already match the file.</param>
internal sealed record SyncJson(
    string PlatformKey,
    long LicenseId,
    int Rows,
    int Added,
    int Changed,
    int Removed,
    int Unchanged,
    IReadOnlyList<FaultJson> Faults,
    bool DryRun,
    bool Interrupted,
    IReadOnlyList<SyncStepJson> Steps);

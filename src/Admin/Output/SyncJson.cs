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

/// <param name="Action">add, change or remove.</param>
/// <param name="AssignmentId">Null for an assignment to add.</param>
internal sealed record SyncStepJson(string Action, long UserId, string? Username, string? Email, long? AssignmentId, string Why);

namespace Admin.Output;

/// <param name="Rows">Lines with data in the file.</param>
/// <param name="Added">With <c>--dry-run</c>, how many would be added.</param>
/// <param name="AlreadyThere">Rows that storage has already; they were not changed.</param>
/// <param name="UsersAdded">With <c>--create-users</c>, how many users were added; else null.</param>
internal sealed record ImportJson(
    string PlatformKey,
    long? LicenseId,
    int Rows,
    int Added,
    int AlreadyThere,
    IReadOnlyList<FaultJson> Faults,
    bool DryRun,
    bool Interrupted,
    int? UsersAdded = null);

/// <param name="Line">In the file, counted from 1; the header is a line too.</param>
internal sealed record FaultJson(int Line, string Fault);

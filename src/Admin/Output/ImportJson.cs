namespace Admin.Output;

/// <param name="Rows">Lines with data in the file.</param>
/// <param name="Added">Rows added or, with <c>--dry-run</c>, rows that would be added.</param>
/// <param name="AlreadyThere">Rows that already exist; they are not changed.</param>
/// <param name="UsersAdded">Users added with <c>--create-users</c>; otherwise null.</param>
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

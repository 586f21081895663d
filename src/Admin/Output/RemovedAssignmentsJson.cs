namespace Admin.Output;

/// <param name="Rows">Lines with data in the file.</param>
/// <param name="Removed">Ids of the assignments that were removed.</param>
/// <param name="AlreadyGone">Rows whose assignment does not exist.</param>
internal sealed record RemovedAssignmentsJson(
    string PlatformKey, int Rows, IReadOnlyList<long> Removed, int AlreadyGone, IReadOnlyList<FaultJson> Faults, bool Interrupted);

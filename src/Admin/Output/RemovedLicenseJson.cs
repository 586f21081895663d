namespace Admin.Output;

/// <param name="AssignmentsRemoved">Ids of the assignments that were removed with the license.</param>
internal sealed record RemovedLicenseJson(long Id, string PlatformKey, IReadOnlyList<long> AssignmentsRemoved);

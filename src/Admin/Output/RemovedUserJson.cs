namespace Admin.Output;

/// <param name="AssignmentsRemoved">Ids of the assignments removed with the user.</param>
internal sealed record RemovedUserJson(long Id, string PlatformKey, IReadOnlyList<long> AssignmentsRemoved);

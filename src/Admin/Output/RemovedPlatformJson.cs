namespace Admin.Output;

/// <param name="Rows">Rows deleted from all tables.</param>
internal sealed record RemovedPlatformJson(
    string PlatformKey, long Licenses, long Users, long Assignments, long Changes, long Keys, long Rows);

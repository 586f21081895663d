using Assignments.Storage;
using Azure.Data.Tables;

namespace Assignments;

/// <summary>The rows of an assignment and of its history, to and from table entities.</summary>
internal static class AssignmentRows
{
    public static TableEntity ByUser(Assignment assignment) =>
        Fill(new TableEntity(TableKey.Escape(assignment.Platform), TableKey.Assignment(assignment.UserId, assignment.LicenseId)), assignment);

    public static TableEntity ById(Assignment assignment) =>
        Fill(new TableEntity(TableKey.Escape(assignment.Platform), TableKey.AssignmentId(assignment.Id)), assignment);

    public static TableEntity History(Change change)
    {
        TableEntity entity = new(TableKey.Escape(change.Platform), TableKey.Change(change.AssignmentId, change.Version))
        {
            ["AssignmentId"] = change.AssignmentId,
            ["Version"] = change.Version,
            ["UserId"] = change.UserId,
            ["LicenseId"] = change.LicenseId,
            ["At"] = change.At,
            ["By"] = change.By,
            ["WriteId"] = change.WriteId,
        };
        if (change.LicenseVersion is { } licenseVersion)
        {
            entity["LicenseVersion"] = licenseVersion;
        }

        FillState(entity, "Before", change.Before);
        FillState(entity, "After", change.After);
        return entity;
    }

    public static Assignment ToAssignment(string platform, TableEntity entity) => new(
        platform,
        entity.GetInt64("Id") ?? 0,
        entity.GetInt64("UserId") ?? 0,
        entity.GetInt64("LicenseId") ?? 0,
        new AssignmentState(
            entity.GetBoolean("Active") ?? false,
            entity.GetBoolean("Fulfilled") ?? false,
            entity.GetString("Metadata") ?? "{}"),
        entity.GetInt64("Version") ?? 0,
        entity.GetGuid("WriteId") ?? Guid.Empty);

    public static Change ToChange(string platform, TableEntity entity) => new(
        platform,
        entity.GetInt64("AssignmentId") ?? 0,
        entity.GetInt64("Version") ?? 0,
        entity.GetInt64("UserId") ?? 0,
        entity.GetInt64("LicenseId") ?? 0,
        State(entity, "Before"),
        State(entity, "After"),
        entity.GetInt64("LicenseVersion"),
        entity.GetDateTimeOffset("At") ?? default,
        entity.GetString("By") ?? "",
        entity.GetGuid("WriteId") ?? Guid.Empty);

    private static TableEntity Fill(TableEntity entity, Assignment assignment)
    {
        entity["Id"] = assignment.Id;
        entity["UserId"] = assignment.UserId;
        entity["LicenseId"] = assignment.LicenseId;
        entity["Active"] = assignment.State.Active;
        entity["Fulfilled"] = assignment.State.Fulfilled;
        entity["Metadata"] = assignment.State.Metadata;
        entity["Version"] = assignment.Version;
        entity["WriteId"] = assignment.WriteId;
        return entity;
    }

    private static void FillState(TableEntity entity, string when, AssignmentState? state)
    {
        if (state is not null)
        {
            entity[when + "Active"] = state.Active;
            entity[when + "Fulfilled"] = state.Fulfilled;
            entity[when + "Metadata"] = state.Metadata;
        }
    }

    private static AssignmentState? State(TableEntity entity, string when) =>
        entity.GetBoolean(when + "Active") is { } active
            ? new AssignmentState(active, entity.GetBoolean(when + "Fulfilled") ?? false, entity.GetString(when + "Metadata") ?? "{}")
            : null;
}

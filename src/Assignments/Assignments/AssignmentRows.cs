using Assignments.Storage;
using Azure.Data.Tables;

namespace Assignments;

/// <summary>The rows of an assignment and of its history, to and from table entities.</summary>
/// <remarks>
/// A row does not repeat what its key says, nor what is as usual (not fulfilled, no metadata): a group of creates is
/// mostly these rows, and their bytes are what a transaction costs.
/// </remarks>
internal static class AssignmentRows
{
    private const string NoMetadata = "{}";

    public static TableEntity ByUser(Assignment assignment)
    {
        TableEntity entity = new(TableKey.Escape(assignment.Platform), TableKey.Assignment(assignment.UserId, assignment.LicenseId))
        {
            ["Id"] = assignment.Id,
            ["Version"] = assignment.Version,
        };
        SetState(entity, "", assignment.State);
        return entity;
    }

    public static TableEntity ById(Assignment assignment)
    {
        TableEntity entity = new(TableKey.Escape(assignment.Platform), TableKey.AssignmentId(assignment.Id))
        {
            ["UserId"] = assignment.UserId,
            ["LicenseId"] = assignment.LicenseId,
            ["Version"] = assignment.Version,
        };
        SetState(entity, "", assignment.State);
        return entity;
    }

    public static TableEntity History(Change change)
    {
        TableEntity entity = new(TableKey.Escape(change.Platform), TableKey.Change(change.AssignmentId, change.Version))
        {
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

        SetState(entity, "Before", change.Before);
        SetState(entity, "After", change.After);
        return entity;
    }

    /// <param name="entity">A row by user or by id.</param>
    public static Assignment ToAssignment(string platform, TableEntity entity)
    {
        AssignmentState state = State(entity, "") ?? new AssignmentState(Active: false, Fulfilled: false, NoMetadata);
        long version = entity.GetInt64("Version") ?? 0;
        if (entity.RowKey.StartsWith(RowPrefix.AssignmentId, StringComparison.Ordinal))
        {
            return new Assignment(
                platform, TableKey.IdIn(entity.RowKey), entity.GetInt64("UserId") ?? 0, entity.GetInt64("LicenseId") ?? 0, state, version);
        }

        (long userId, long licenseId) = TableKey.IdsIn(entity.RowKey);
        return new Assignment(platform, entity.GetInt64("Id") ?? 0, userId, licenseId, state, version);
    }

    public static Change ToChange(string platform, TableEntity entity)
    {
        (long id, long version) = TableKey.IdsIn(entity.RowKey);
        return new Change(
            platform,
            id,
            version,
            entity.GetInt64("UserId") ?? 0,
            entity.GetInt64("LicenseId") ?? 0,
            State(entity, "Before"),
            State(entity, "After"),
            entity.GetInt64("LicenseVersion"),
            entity.GetDateTimeOffset("At") ?? default,
            entity.GetString("By") ?? "",
            entity.GetGuid("WriteId") ?? Guid.Empty);
    }

    private static void SetState(TableEntity entity, string when, AssignmentState? state)
    {
        if (state is null)
        {
            return;
        }

        entity[when + "Active"] = state.Active;
        if (state.Fulfilled)
        {
            entity[when + "Fulfilled"] = true;
        }

        if (state.Metadata != NoMetadata)
        {
            entity[when + "Metadata"] = state.Metadata;
        }
    }

    private static AssignmentState? State(TableEntity entity, string when) =>
        entity.GetBoolean(when + "Active") is { } active
            ? new AssignmentState(active, entity.GetBoolean(when + "Fulfilled") ?? false, entity.GetString(when + "Metadata") ?? NoMetadata)
            : null;
}

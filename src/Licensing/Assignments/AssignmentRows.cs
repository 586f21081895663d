using Azure;
using Azure.Data.Tables;
using Licensing.Storage;

namespace Licensing.Assignments;

/// <summary>Converts assignments and their history records to and from table entities.</summary>
/// <remarks>
/// Lookups by id read the first history record of an assignment, so that record also has the current state: it is the
/// record's own content until a later change merges the new state into separate properties.
/// Rows omit what their keys contain and default values (not fulfilled, no metadata), because a transaction costs by its
/// bytes, and a group of creates consists mostly of these rows.
/// </remarks>
internal static class AssignmentRows
{
    private const string NoMetadata = "{}";
    private const string UserChanged = "UserChanged";

    private static readonly AssignmentState NoState = new(Active: false, Fulfilled: false, NoMetadata);

    public static TableEntity ToEntity(Assignment assignment)
    {
        TableEntity entity = new(TableKey.Escape(assignment.Platform), TableKey.Assignment(assignment.UserId, assignment.LicenseId))
        {
            ["Id"] = assignment.Id,
            ["Version"] = assignment.Version,
        };
        SetState(entity, "", assignment.State);
        return entity;
    }

    /// <summary>A fence: it occupies the key of the user's assignment, so that an insert from stale memory fails. It is not an assignment.</summary>
    public static TableEntity Fence(string platform, long userId, long licenseId) =>
        new(TableKey.Escape(platform), TableKey.Assignment(userId, licenseId)) { [UserChanged] = true };

    public static bool IsFence(TableEntity entity) => !entity.ContainsKey("Id");

    /// <summary>Whether the user was removed or got another address since the assignment was last written.</summary>
    public static bool IsMarked(TableEntity entity) => entity.GetBoolean(UserChanged) == true;

    public static TableEntity Marked(Assignment assignment)
    {
        TableEntity entity = ToEntity(assignment);
        entity[UserChanged] = true;
        return entity;
    }

    /// <summary>The current state that a change merges into the first history record of the assignment.</summary>
    public static TableEntity StandingEntity(AssignmentChange change)
    {
        TableEntity entity = new(TableKey.Escape(change.Platform), TableKey.FirstChange(change.AssignmentId))
        {
            ["Version"] = change.Version,
        };
        if (change.After is { } state)
        {
            // This is merged, so default values must be written as well.
            entity["Active"] = state.Active;
            entity["Fulfilled"] = state.Fulfilled;
            entity["Metadata"] = state.Metadata;
        }
        else
        {
            entity["DeletedBy"] = change.WriteId;
        }

        return entity;
    }

    /// <summary>The first history record with its own content unchanged and the current state from the last change.</summary>
    public static TableEntity WithStanding(TableEntity first, AssignmentChange last)
    {
        TableEntity entity = new(first);
        foreach (string standing in new[] { "Version", "Active", "Fulfilled", "Metadata", "DeletedBy" })
        {
            entity.Remove(standing);
        }

        foreach ((string name, object value) in StandingEntity(last))
        {
            entity[name] = value;
        }

        return entity;
    }

    /// <summary>What a change writes beside the assignment's own row.</summary>
    public static IEnumerable<TableTransactionAction> HistoryActions(AssignmentChange change)
    {
        yield return new TableTransactionAction(TableTransactionActionType.Add, ToEntity(change));
        if (change.Before is not null)
        {
            yield return new TableTransactionAction(TableTransactionActionType.UpdateMerge, StandingEntity(change), ETag.All);
        }
    }

    public static TableEntity ToEntity(AssignmentChange change)
    {
        TableEntity entity = new(TableKey.Escape(change.Platform), TableKey.Change(change.AssignmentId, change.Version))
        {
            ["UserId"] = change.UserId,
            ["LicenseId"] = change.LicenseId,
            ["At"] = change.At,
            ["By"] = change.By,
            ["WriteId"] = change.WriteId,
        };
        switch (change.Counter)
        {
            case { Allotment: { } allotment, Version: var version }:
                entity["Allotment"] = allotment;
                entity["AllotmentVersion"] = version;
                break;
            case { Version: var version }:
                entity["LicenseVersion"] = version;
                break;
        }

        SetState(entity, "Before", change.Before);
        SetState(entity, "After", change.After);
        return entity;
    }

    public static Assignment ToAssignment(string platform, TableEntity entity)
    {
        (long userId, long licenseId) = TableKey.IdsIn(entity.RowKey);
        return new Assignment(platform, entity.GetInt64("Id") ?? 0, userId, licenseId, State(entity, "") ?? NoState, entity.GetInt64("Version") ?? 0);
    }

    /// <summary>The current state of an assignment, from its first history record.</summary>
    public static AssignmentStanding ToStanding(string platform, TableEntity entity)
    {
        AssignmentChange first = ToChange(platform, entity);
        AssignmentState state = State(entity, "") ?? first.After ?? NoState;
        return new AssignmentStanding(
            new Assignment(platform, first.AssignmentId, first.UserId, first.LicenseId, state, entity.GetInt64("Version") ?? first.Version),
            entity.GetGuid("DeletedBy"));
    }

    public static AssignmentChange ToChange(string platform, TableEntity entity)
    {
        (long id, long version) = TableKey.IdsIn(entity.RowKey);
        return new AssignmentChange(
            platform,
            id,
            version,
            entity.GetInt64("UserId") ?? 0,
            entity.GetInt64("LicenseId") ?? 0,
            State(entity, "Before"),
            State(entity, "After"),
            Counter(entity),
            entity.GetDateTimeOffset("At") ?? default,
            entity.GetString("By") ?? "",
            entity.GetGuid("WriteId") ?? Guid.Empty);
    }

    /// <summary>Removes the metadata from a history record. Returns false if it has none.</summary>
    public static bool TryEraseMetadata(TableEntity entity) =>
        entity.Remove("BeforeMetadata") | entity.Remove("AfterMetadata") | entity.Remove("Metadata");

    private static CounterVersion? Counter(TableEntity entity) =>
        (entity.GetString("Allotment"), entity.GetInt64("AllotmentVersion"), entity.GetInt64("LicenseVersion")) switch
        {
            ({ } allotment, { } version, _) => new CounterVersion(allotment, version),
            (_, _, { } version) => new CounterVersion(Allotment: null, version),
            _ => null,
        };

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

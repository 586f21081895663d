namespace Admin.Output;

/// <param name="Action">add, change or remove.</param>
/// <param name="AssignmentId">Null for an assignment to add.</param>
internal sealed record SyncStepJson(string Action, long UserId, string? Username, string? Email, long? AssignmentId, string Why);

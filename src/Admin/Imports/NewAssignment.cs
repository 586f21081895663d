namespace Admin.Imports;

/// <param name="SaysFulfilled">Whether the line has a value for it.</param>
internal sealed record NewAssignment(long UserId, bool Active, bool Fulfilled, bool SaysFulfilled);

namespace Admin.Arguments;

/// <param name="Limit">Null for unlimited.</param>
internal sealed record SeatCount(long? Limit);

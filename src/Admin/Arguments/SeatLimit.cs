namespace Admin.Arguments;

/// <param name="Seats">Null for unlimited.</param>
internal sealed record SeatLimit(long? Seats);

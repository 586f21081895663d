namespace Admin.Output;

/// <param name="Used">Seats used at that time.</param>
/// <param name="Peak">The most seats used since the previous point.</param>
/// <param name="Seats">Seats of the license at that time; null for unlimited.</param>
internal sealed record UsagePointJson(DateTimeOffset At, long Used, long Peak, long? Seats);

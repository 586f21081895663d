namespace Admin.Tests;

/// <summary>The real time plus an offset; timers run in real time.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _ticks;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));

    public override long GetTimestamp() =>
        base.GetTimestamp() + (long)((double)Interlocked.Read(ref _ticks) / TimeSpan.TicksPerSecond * TimestampFrequency);
}

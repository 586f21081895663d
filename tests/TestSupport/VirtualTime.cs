namespace TestSupport;

/// <summary>A clock that a test advances; due timers run in order, each at its own time.</summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly SortedSet<Timer> _timers = new(Comparer<Timer>.Create((x, y) => (x.Due, x.Number).CompareTo((y.Due, y.Number))));
    private long _now = DateTimeOffset.UnixEpoch.AddYears(50).UtcTicks;
    private long _numbers;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Pending <c>Task.Delay</c> calls, without the deadlines of cancellation sources.</summary>
    public int Delays
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count(timer => timer.IsDelay);
            }
        }
    }

    /// <summary>Whether each reading advances the clock by a tick, so that no two readings are equal, as with a real clock.</summary>
    public bool Ticks { get; init; }

    public override long GetTimestamp() => Ticks ? Interlocked.Increment(ref _now) : Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, () => callback(state), isDelay: state is Task);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Advances to the next timer due before <paramref name="then"/> and runs it; otherwise advances to that time and returns false.</summary>
    public bool AdvanceToNextTimer(DateTimeOffset then)
    {
        Timer? next;
        lock (_lock)
        {
            next = _timers.Min is { } first && first.Due <= then.UtcTicks ? first : null;
            Volatile.Write(ref _now, Math.Max(_now, next?.Due ?? then.UtcTicks));
            if (next is not null)
            {
                _timers.Remove(next);
            }
        }

        next?.Run();
        return next is not null;
    }

    private sealed class Timer(VirtualTime time, Action callback, bool isDelay) : ITimer
    {
        public long Due { get; private set; }

        public long Number { get; private set; }

        public bool IsDelay => isDelay;

        public void Run() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
            {
                throw new NotSupportedException("Timers run once here.");
            }

            lock (time._lock)
            {
                time._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    (Due, Number) = (time._now + dueTime.Ticks, time._numbers++);
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

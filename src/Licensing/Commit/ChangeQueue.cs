using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The changes that wait for a license's writer, whether one more is let in, and whether the writer is at work: it is
/// started by the first change and retires when none waits.
/// </summary>
internal sealed class ChangeQueue(TimeProvider time)
{
    /// <summary>Maximum requests queued for a license. Further requests are rejected at once with 503.</summary>
    internal const int MaxWaiting = 8_192;

    private readonly Lock _lock = new();
    private readonly Queue<PendingChange> _waiting = new();

    /// <summary>Those that have waited before; they are next.</summary>
    private readonly List<PendingChange> _next = [];
    private bool _running;
    private bool _closed;

    /// <param name="starts">Whether the writer must be started: this is the first change.</param>
    /// <returns>False when the writer has retired; another one takes its place then.</returns>
    public bool TryEnqueue(PendingChange change, Pace pace, out bool starts)
    {
        lock (_lock)
        {
            starts = false;
            if (_closed)
            {
                return false;
            }

            if (change.IsBack)
            {
                _next.Add(change);
            }
            else if (_waiting.Count < MaxWaiting && pace.Allows(ahead: _next.Count + _waiting.Count, Left(change)))
            {
                _waiting.Enqueue(change);
            }
            else
            {
                change.Fail(new StorageUnavailableException("Too many requests wait for this license."));
                return true;
            }

            CommitTelemetry.Waiting(1);
            (starts, _running) = (!_running, true);
            return true;
        }
    }

    /// <summary>Takes those to be considered next; none when nothing waits, and then nothing is let in any more.</summary>
    public List<PendingChange> Take(int most)
    {
        lock (_lock)
        {
            int back = Math.Min(_next.Count, most);
            List<PendingChange> taken = _next[..back];
            _next.RemoveRange(0, back);
            while (taken.Count < most && _waiting.TryDequeue(out PendingChange? change))
            {
                taken.Add(change);
            }

            CommitTelemetry.Waiting(-taken.Count);
            _closed = taken.Count == 0;
            return taken;
        }
    }

    /// <summary>Has changes considered again, before all others.</summary>
    public void PutBack(IEnumerable<PendingChange> changes)
    {
        lock (_lock)
        {
            int before = _next.Count;
            _next.InsertRange(0, changes);
            CommitTelemetry.Waiting(_next.Count - before);
        }
    }

    public PendingChange[] TakeAll()
    {
        lock (_lock)
        {
            PendingChange[] all = [.. _next, .. _waiting];
            _next.Clear();
            _waiting.Clear();
            CommitTelemetry.Waiting(-all.Length);
            return all;
        }
    }

    private TimeSpan Left(PendingChange change) => time.GetElapsedTime(time.GetTimestamp(), change.Deadline);
}

using Licensing.Storage;

namespace Licensing.Commit;

/// <summary>
/// The queue of a license's writer. It decides whether to admit a change, and tracks whether the writer is running: the
/// first change starts it, and it retires when the queue is empty.
/// </summary>
internal sealed class ChangeQueue(TimeProvider time)
{
    /// <summary>Maximum requests queued for a license. Further requests are rejected at once with 503.</summary>
    internal const int MaxWaiting = 8_192;

    private readonly Lock _lock = new();
    private readonly Queue<PendingChange> _waiting = new();

    /// <summary>Changes that were queued before; they come first.</summary>
    private readonly List<PendingChange> _next = [];
    private bool _running;
    private bool _closed;

    /// <param name="starts">Whether the caller must start the writer.</param>
    /// <returns>False if the writer has retired and a new one is needed.</returns>
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
                change.Fail(new StorageUnavailableException("Too many requests are waiting for this license."));
                return true;
            }

            CommitTelemetry.Waiting(1);
            (starts, _running) = (!_running, true);
            return true;
        }
    }

    /// <summary>Takes the next changes. If there are none, closes the queue and returns an empty list.</summary>
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

    /// <summary>Puts changes at the front of the queue.</summary>
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

namespace Licensing.Storage;

/// <summary>
/// Remembers values up to a total size; when that is exceeded, the least recently used go. Safe for concurrent use; a
/// hit allocates nothing.
/// </summary>
/// <param name="capacity">The total size of the values kept: their number, unless they are given sizes.</param>
internal sealed class LruCache<TKey, TValue>(long capacity)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _nodes = [];

    /// <summary>The most recently used first.</summary>
    private readonly LinkedList<Entry> _entries = new();
    private long _size;

    /// <summary>The value remembered, or the default of its type.</summary>
    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(key, out LinkedListNode<Entry>? node) ? Use(node) : default;
        }
    }

    /// <summary>The value remembered, or a new one, which is then remembered.</summary>
    public TValue GetOrAdd(TKey key, Func<TValue> create)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(key, out LinkedListNode<Entry>? node))
            {
                return Use(node);
            }

            TValue value = create();
            Add(new Entry(key, value, Size: 1));
            return value;
        }
    }

    /// <summary>Remembers a value instead of the one there may be.</summary>
    public void Set(TKey key, TValue value, long size = 1)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(key, out LinkedListNode<Entry>? node))
            {
                _size += size - node.Value.Size;
                node.Value = new Entry(key, value, size);
                Use(node);
                MakeRoom();
            }
            else
            {
                Add(new Entry(key, value, size));
            }
        }
    }

    public void Remove(TKey key)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(key, out LinkedListNode<Entry>? node))
            {
                Remove(node);
            }
        }
    }

    private TValue Use(LinkedListNode<Entry> node)
    {
        if (node != _entries.First)
        {
            _entries.Remove(node);
            _entries.AddFirst(node);
        }

        return node.Value.Value;
    }

    private void Add(Entry entry)
    {
        _nodes.Add(entry.Key, _entries.AddFirst(entry));
        _size += entry.Size;
        MakeRoom();
    }

    private void MakeRoom()
    {
        while (_size > capacity)
        {
            Remove(_entries.Last!);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node);
        _nodes.Remove(node.Value.Key);
        _size -= node.Value.Size;
    }

    private readonly record struct Entry(TKey Key, TValue Value, long Size);
}

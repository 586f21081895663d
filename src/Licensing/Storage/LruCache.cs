namespace Licensing.Storage;

/// <summary>
/// A cache with a total size; when it is exceeded, the least recently used values are evicted. Safe for concurrent use;
/// a hit allocates nothing.
/// </summary>
/// <param name="capacity">The maximum total size: the number of values, unless they are set with other sizes.</param>
internal sealed class LruCache<TKey, TValue>(long capacity)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _nodes = [];

    /// <summary>The most recently used first.</summary>
    private readonly LinkedList<Entry> _entries = new();
    private long _size;

    /// <summary>Returns the cached value, or the default of its type.</summary>
    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(key, out LinkedListNode<Entry>? node) ? Use(node) : default;
        }
    }

    /// <summary>Returns the cached value, or creates and caches one.</summary>
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

using System.Runtime.CompilerServices;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>A dictionary in insertion order whose keys are equal as in Python (1, 1.0 and True are one key).</summary>
/// <remarks>Small ones are searched one by one; the index is made when there are more than a few keys.</remarks>
internal sealed class PyDict : PyObject
{
    private const int MaxScanned = 8;

    private Value[] _keys;
    private Value[] _values;
    private Dictionary<Value, int>? _index;

    internal PyDict(int capacity = 0)
        : base(ValueKind.Dict)
    {
        _keys = capacity == 0 ? [] : new Value[capacity];
        _values = capacity == 0 ? [] : new Value[capacity];
    }

    internal int Count { get; private set; }

    internal ReadOnlySpan<Value> Keys => _keys.AsSpan(0, Count);

    internal Value KeyAt(int index) => _keys[index];

    internal Value ValueAt(int index) => _values[index];

    /// <summary>Sets a key. Only for dictionaries in the making and for the attributes of namespaces.</summary>
    internal void Set(Value key, Value value)
    {
        int found = Find(key);
        if (found >= 0)
        {
            _values[found] = value;
            return;
        }

        if (Count == _keys.Length)
        {
            int capacity = Math.Max(4, Count * 2);
            Array.Resize(ref _keys, capacity);
            Array.Resize(ref _values, capacity);
        }

        _keys[Count] = key;
        _values[Count] = value;
        Count++;
        if (_index is not null)
        {
            _index.Add(key, Count - 1);
        }
        else if (Count > MaxScanned)
        {
            BuildIndex();
        }
    }

    internal bool TryGet(string key, out Value value)
    {
        int found = _index is null ? Scan(key) : _index.TryGetValue(new Value(key), out int at) ? at : -1;
        value = found < 0 ? default : _values[found];
        return found >= 0;
    }

    internal bool TryGet(Value key, out Value value)
    {
        int found = Find(key);
        value = found < 0 ? default : _values[found];
        return found >= 0;
    }

    internal bool Contains(Value key) => Find(key) >= 0;

    internal PyDict Copy(int extra = 0)
    {
        var copy = new PyDict(Count + extra);
        for (int i = 0; i < Count; i++)
        {
            copy.Set(_keys[i], _values[i]);
        }

        return copy;
    }

    private int Find(Value key)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(key, out int at) ? at : -1;
        }

        if (key.Ref is string text)
        {
            return Scan(text);
        }

        for (int i = 0; i < Count; i++)
        {
            if (KeyComparer.Instance.Equals(_keys[i], key))
            {
                return i;
            }
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Scan(string key)
    {
        Value[] keys = _keys;
        for (int i = 0; i < Count; i++)
        {
            if (ReferenceEquals(keys[i].Ref, key))
            {
                return i;
            }
        }

        return ScanContent(key);
    }

    private int ScanContent(string key)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_keys[i].TryText(out string text) && text.Length == key.Length && text == key)
            {
                return i;
            }
        }

        return -1;
    }

    private void BuildIndex()
    {
        _index = new Dictionary<Value, int>(Count * 2, KeyComparer.Instance);
        for (int i = 0; i < Count; i++)
        {
            _index.Add(_keys[i], i);
        }
    }
}

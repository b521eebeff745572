namespace Percept.Inference;

/// <summary>A buffer that grows to the size asked for once and is then reused. For one thread.</summary>
internal struct LogitsBuffer<T>
{
    private T[]? _items;

    /// <summary>The first elements of the buffer, with what was left in them.</summary>
    internal Span<T> Take(int count)
    {
        if (_items is null || _items.Length < count)
        {
            _items = new T[count];
        }

        return _items.AsSpan(0, count);
    }
}

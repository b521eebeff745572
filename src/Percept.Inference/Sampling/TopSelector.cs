namespace Percept.Inference;

/// <summary>
/// Keeps the greatest of many values with their indices; of equal values the lower index. For one thread.
/// </summary>
/// <param name="capacity">How many are kept.</param>
internal sealed class TopSelector(int capacity)
{
    private readonly float[] _values = new float[capacity];
    private readonly int[] _indices = new int[capacity];

    /// <summary>How many are kept.</summary>
    internal int Capacity => capacity;

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    internal float Value(int place) => _values[place];

    internal int Index(int place) => _indices[place];

    internal void Clear() => Count = 0;

    /// <summary>Adds a value; NaN is left out.</summary>
    internal void Add(float value, int index)
    {
        if (Count < capacity)
        {
            if (!float.IsNaN(value))
            {
                Up(Count++, value, index);
            }
        }
        else if (capacity > 0 && value >= _values[0] && Before(value, index, _values[0], _indices[0]))
        {
            Down(Count, value, index);
        }
    }

    /// <summary>Puts them in falling order; nothing may be added then before <see cref="Clear"/>.</summary>
    internal void Sort()
    {
        for (int end = Count - 1; end > 0; end--)
        {
            float value = _values[end];
            int index = _indices[end];
            (_values[end], _indices[end]) = (_values[0], _indices[0]);
            Down(end, value, index);
        }
    }

    // Whether the first stands before the second in falling order.
    private static bool Before(float value, int index, float other, int otherIndex) =>
        value > other || (value == other && index < otherIndex);

    // The root is the one that goes first when a better one comes.
    private void Up(int at, float value, int index)
    {
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (!Before(_values[parent], _indices[parent], value, index))
            {
                break;
            }

            (_values[at], _indices[at]) = (_values[parent], _indices[parent]);
            at = parent;
        }

        (_values[at], _indices[at]) = (value, index);
    }

    private void Down(int count, float value, int index)
    {
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && Before(_values[child], _indices[child], _values[child + 1], _indices[child + 1]))
            {
                child++;
            }

            if (!Before(value, index, _values[child], _indices[child]))
            {
                break;
            }

            (_values[at], _indices[at]) = (_values[child], _indices[child]);
            at = child;
        }

        (_values[at], _indices[at]) = (value, index);
    }
}

namespace Percept.Inference;

/// <summary>
/// Finds where the cumulated weight of values in ascending order passes a bound, without sorting them: a quickselect by
/// weight. Owns its buffers; for one thread.
/// </summary>
internal sealed class MassSelector
{
    private float[] _keys = [];
    private float[] _weights = [];
    private int _count;

    /// <summary>The number of values.</summary>
    internal int Count => _count;

    /// <summary>Forgets all values and makes room.</summary>
    internal void Begin(int capacity)
    {
        if (_keys.Length < capacity)
        {
            _keys = new float[capacity];
            _weights = new float[capacity];
        }

        _count = 0;
    }

    /// <summary>Adds a value.</summary>
    internal void Add(float key, float weight)
    {
        _keys[_count] = key;
        _weights[_count++] = weight;
    }

    /// <summary>
    /// Finds the first value in ascending order at which the cumulated weight is above a bound (or reaches it). The
    /// order of the values is lost.
    /// </summary>
    /// <param name="bound">The bound.</param>
    /// <param name="reaches">Whether reaching the bound is enough.</param>
    /// <param name="key">The value; +∞ when the bound is never passed.</param>
    /// <param name="equalBefore">How many values equal to it come before.</param>
    /// <returns>How many values come before it.</returns>
    internal int Find(float bound, bool reaches, out float key, out int equalBefore)
    {
        int low = 0;
        int high = _count;
        double below = 0;
        while (low < high)
        {
            float pivot = Median(_keys[low], _keys[low + ((high - low) / 2)], _keys[high - 1]);
            (int less, int more) = Partition(low, high, pivot);
            double mass = below + Sum(low, less);
            if (less > low && Passes(mass, bound, reaches))
            {
                high = less;
                continue;
            }

            for (int i = less; i < more; i++)
            {
                mass += _weights[i];
                if (Passes(mass, bound, reaches))
                {
                    key = pivot;
                    equalBefore = i - less;
                    return i;
                }
            }

            below = mass;
            low = more;
        }

        key = float.PositiveInfinity;
        equalBefore = 0;
        return _count;
    }

    // The reference cumulates in double and compares in float32.
    private static bool Passes(double mass, float bound, bool reaches) =>
        reaches ? (float)mass >= bound : (float)mass > bound;

    private static float Median(float a, float b, float c) =>
        Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));

    private (int Less, int More) Partition(int low, int high, float pivot)
    {
        int less = low;
        int at = low;
        int more = high;
        while (at < more)
        {
            float key = _keys[at];
            if (key < pivot)
            {
                Swap(less++, at++);
            }
            else if (key > pivot)
            {
                Swap(at, --more);
            }
            else
            {
                at++;
            }
        }

        return (less, more);
    }

    private double Sum(int from, int to)
    {
        double sum = 0;
        for (int i = from; i < to; i++)
        {
            sum += _weights[i];
        }

        return sum;
    }

    private void Swap(int i, int j)
    {
        (_keys[i], _keys[j]) = (_keys[j], _keys[i]);
        (_weights[i], _weights[j]) = (_weights[j], _weights[i]);
    }
}

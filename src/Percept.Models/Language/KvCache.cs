using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Keys and values of the tokens of one sequence, for every layer. Memory grows in steps as the sequence does.
/// </summary>
/// <remarks>Used by one thread at a time. Owns its memory until it is disposed.</remarks>
public sealed class KvCache : IDisposable
{
    private const int Step = 256;

    // Growing copies what is there: now and then a step reads the cache once more than attention does anyway.
    private const int MostGrowth = 4 * Step;

    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly KvLayerShape[] _shapes;
    private readonly DType _type;
    private int _capacity;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="shapes">For each layer the heads and channels of keys and values.</param>
    /// <param name="type">How they are stored.</param>
    /// <exception cref="NotSupportedException">A layer's rows are no whole number of blocks of 32.</exception>
    public KvCache(IReadOnlyList<KvLayerShape> shapes, KvCacheType type = KvCacheType.F32)
    {
        ArgumentNullException.ThrowIfNull(shapes);
        _shapes = [.. shapes];
        _keys = new Tensor[shapes.Count];
        _values = new Tensor[shapes.Count];
        Type = type;
        _type = type switch { KvCacheType.F32 => DType.F32, KvCacheType.F16 => DType.F16, _ => DType.Q8_0 };
        foreach (KvLayerShape shape in shapes)
        {
            if (type == KvCacheType.Q8 && (shape.KeyRow % 32 != 0 || shape.ValueRow % 32 != 0))
            {
                throw new NotSupportedException(
                    $"A cache of 8-bit blocks needs rows of a multiple of 32 numbers, this model has {shape.KeyRow} and " +
                    $"{shape.ValueRow}. Choose a cache of f16.");
            }
        }
    }

    /// <summary>How keys and values are stored.</summary>
    public KvCacheType Type { get; }

    /// <summary>The type of the stored numbers.</summary>
    internal DType ElementType => _type;

    /// <summary>How many tokens are there.</summary>
    public int Length { get; private set; }

    /// <summary>How many tokens fit before memory grows.</summary>
    public int Capacity => _capacity;

    /// <summary>Bytes that a token takes in all layers.</summary>
    public long BytesPerToken => _shapes.Sum(shape => _type.ByteCount(shape.KeyRow) + _type.ByteCount(shape.ValueRow));

    /// <summary>The largest length that a length-dependent rope rule has seen; 0 before it has.</summary>
    internal int LongestSeen { get; set; }

    /// <summary>Makes room for tokens.</summary>
    /// <param name="length">How many tokens must fit in all.</param>
    public void Reserve(int length)
    {
        if (length <= _capacity)
        {
            return;
        }

        int capacity = checked((Math.Max(length, Math.Min(2 * _capacity, _capacity + MostGrowth)) + Step - 1) / Step * Step);
        for (int layer = 0; layer < _shapes.Length; layer++)
        {
            _keys[layer] = Grown(_keys[layer], capacity, _shapes[layer].KeyRow);
            _values[layer] = Grown(_values[layer], capacity, _shapes[layer].ValueRow);
        }

        _capacity = capacity;
    }

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="length">How many tokens stay.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        LongestSeen = length < Length ? 0 : LongestSeen;
        Length = length;
    }

    /// <summary>Makes this cache hold the first tokens of another of the same model.</summary>
    /// <param name="other">The other cache.</param>
    /// <param name="length">How many tokens.</param>
    /// <exception cref="ArgumentException">The other cache is of another shape or type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The other cache has fewer tokens.</exception>
    public void CopyFrom(KvCache other, int length)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, other.Length);
        if (other.Type != Type || !_shapes.AsSpan().SequenceEqual(other._shapes))
        {
            throw new ArgumentException("The caches are of different models or types.", nameof(other));
        }

        if (ReferenceEquals(other, this))
        {
            Truncate(length);
            return;
        }

        Reserve(length);
        for (int layer = 0; layer < _shapes.Length && length > 0; layer++)
        {
            CopyRows(other._keys[layer], _keys[layer], length);
            CopyRows(other._values[layer], _values[layer], length);
        }

        Length = length;
        LongestSeen = length == other.Length ? other.LongestSeen : 0;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        for (int layer = 0; layer < _keys.Length; layer++)
        {
            _keys[layer].Dispose();
            _values[layer].Dispose();
        }

        Array.Clear(_keys);
        Array.Clear(_values);
        _capacity = 0;
        Length = 0;
        LongestSeen = 0;
    }

    /// <summary>Stores the keys and values of new tokens of a layer; <see cref="Commit"/> counts them.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="keys">Float32, or <see cref="ElementType"/>, of n·heads·channels.</param>
    /// <param name="values">The same type, of n·heads·channels.</param>
    /// <param name="count">n.</param>
    internal void Append(int layer, Tensor keys, Tensor values, int count)
    {
        Reserve(Length + count);
        Store(keys, _keys[layer], count);
        Store(values, _values[layer], count);
    }

    /// <summary>Counts tokens that every layer has stored.</summary>
    internal void Commit(int count) => Length += count;

    /// <summary>The keys of a layer, as attention reads them: F32 or F16 [1, length, heads, channels].</summary>
    internal Tensor Keys(int layer, int length) => Read(_keys[layer], length, _shapes[layer].Heads, _shapes[layer].KeySize);

    /// <summary>The values of a layer, as attention reads them: F32 or F16 [1, length, heads, channels].</summary>
    internal Tensor Values(int layer, int length) => Read(_values[layer], length, _shapes[layer].Heads, _shapes[layer].ValueSize);

    private static void CopyRows(Tensor from, Tensor to, int length)
    {
        using Tensor source = from.Rows(0, length);
        using Tensor target = to.Rows(0, length);
        Ops.CopyTo(source, target);
    }

    private static Tensor Read(Tensor rows, int length, int heads, int channels)
    {
        Tensor part = rows.Rows(0, length);
        return rows.DType == DType.Q8_0
            ? Ops.Cast(part, DType.F16).View([1, length, heads, channels])
            : part.View([1, length, heads, channels]);
    }

    private Tensor Grown(Tensor old, int capacity, int row)
    {
        // Memory of the cache outlives the scope that is open now.
        Tensor grown = Ops.Empty([capacity, row], _type).KeepAlways();
        if (!old.IsNone)
        {
            if (Length > 0)
            {
                CopyRows(old, grown, Length);
            }

            old.Dispose();
        }

        return grown;
    }

    private void Store(Tensor rows, Tensor into, int count)
    {
        using Tensor target = into.Rows(Length, count);
        using Tensor source = rows.View(target.Shape);
        if (rows.DType == _type)
        {
            Ops.CopyTo(source, target);
        }
        else
        {
            using Tensor cast = Ops.Cast(source, _type);
            Ops.CopyTo(cast, target);
        }
    }
}

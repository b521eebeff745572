using Percept.Tensors;

namespace Percept.Models;

/// <summary>A sequence's memory of an encoder's states: keys and values of every layer that looks at them.</summary>
/// <remarks>
/// Made once for a source and shared by all sequences that look at it; read by any number of threads. Owns its memory until
/// it is disposed, unless it was made while gradients are recorded.
/// </remarks>
public sealed class CrossMemory : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>Makes it of keys and values, which it takes over.</summary>
    /// <param name="keys">For each layer float32 [1, M, H, D].</param>
    /// <param name="values">For each layer float32 [1, M, H, Dv].</param>
    internal CrossMemory(Tensor[] keys, Tensor[] values)
    {
        _keys = keys;
        _values = values;
        for (int i = 0; i < keys.Length; i++)
        {
            if (!keys[i].RequiresGrad && !values[i].RequiresGrad)
            {
                keys[i].KeepAlways();
                values[i].KeepAlways();
            }
        }
    }

    /// <summary>How many states there are: M.</summary>
    public int Length => _keys.Length == 0 ? 0 : _keys[0].Shape[1];

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i].Dispose();
            _values[i].Dispose();
        }
    }

    internal Tensor Keys(int layer) => _keys[layer];

    internal Tensor Values(int layer) => _values[layer];

    internal int ValueSize(int layer) => _values[layer].Shape[3];
}

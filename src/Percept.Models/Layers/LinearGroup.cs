using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>Linear layers with a common input, stored apart or as one weight: queries, keys and values; gate and value.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class LinearGroup
{
    private readonly Linear[] _parts;
    private readonly int[] _sizes;
    private readonly Linear? _whole;
    private readonly int _repeats;
    private readonly Tensor[] _weights;
    private readonly Tensor[] _biases;
    private readonly bool _isPlain;

    private LinearGroup(Linear[] parts, int[] sizes, Linear? whole, int repeats = 1)
    {
        _parts = parts;
        _sizes = sizes;
        _whole = whole;
        _repeats = repeats;
        _weights = [.. parts.Select(part => part.Weight)];
        _biases = [.. parts.Select(part => part.Bias ?? default)];
        _isPlain = parts.All(part => part.Precision == parts[0].Precision && part.Adapters is null);
    }

    /// <summary>How many layers there are.</summary>
    public int Count => _sizes.Length;

    /// <summary>Layers that are stored apart.</summary>
    /// <param name="parts">The layers.</param>
    public static LinearGroup Apart(params Linear[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new LinearGroup(parts, [.. parts.Select(part => part.Weight.Shape[0])], null);
    }

    /// <summary>Layers that are stored as one, one after the other along the outputs.</summary>
    /// <param name="whole">The one layer.</param>
    /// <param name="sizes">How many outputs each of them has.</param>
    public static LinearGroup Fused(Linear whole, params int[] sizes)
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(sizes);
        var parts = new Linear[sizes.Length];
        int start = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            parts[i] = whole.Rows(start, sizes[i]);
            start += sizes[i];
        }

        return new LinearGroup(parts, sizes, whole);
    }

    /// <summary>
    /// Layers that are stored as one, in turns: some outputs of the first, of the second, …, then the next ones of the first.
    /// </summary>
    /// <param name="whole">The one layer.</param>
    /// <param name="turns">How many turns there are.</param>
    /// <param name="sizes">How many outputs of each layer a turn has.</param>
    public static LinearGroup InTurns(Linear whole, int turns, params int[] sizes)
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(sizes);
        return new LinearGroup([], sizes, whole, turns);
    }

    /// <summary>How many outputs a layer has.</summary>
    /// <param name="part">Which one.</param>
    public int Outputs(int part) => _sizes[part] * _repeats;

    /// <summary>The outputs of all layers.</summary>
    /// <param name="input">Float32 [..., in].</param>
    /// <param name="outputs">Room for float32 [..., out] of each layer.</param>
    public void Forward(Tensor input, Span<Tensor> outputs)
    {
        if (_parts.Length == 0)
        {
            Tensor all = _whole!.Forward(input);
            Shape shape = all.Shape.With(-1, _repeats);
            Ops.Split(Ops.Reshape(all, shape.Insert(shape.Rank, all.Shape[-1] / _repeats)), _sizes, -1, outputs);
            for (int i = 0; i < _sizes.Length; i++)
            {
                outputs[i] = Ops.Reshape(outputs[i], all.Shape.With(-1, Outputs(i)));
            }

            return;
        }

        if (_whole is not null && (Gradients.Enabled || _whole.Adapters is not null))
        {
            // Views of the weight are unknown to the tape, and to adapters: the gradient must reach the one that is stored.
            Ops.Split(_whole.Forward(input), _sizes, -1, outputs);
            return;
        }

        if (_isPlain)
        {
            Ops.Linear(input, _weights, _biases, outputs[.._parts.Length], _parts[0].Precision);
            return;
        }

        for (int i = 0; i < _parts.Length; i++)
        {
            outputs[i] = _parts[i].Forward(input);
        }
    }
}

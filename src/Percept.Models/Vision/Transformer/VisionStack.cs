using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>The layers of a vision transformer, or of the text tower beside it.</summary>
/// <remarks>Dimensions: B pictures, T tokens, D channels. Safe for several threads.</remarks>
public sealed class VisionStack
{
    private static readonly Func<Recomputed, Tensor, Tensor> s_run = static (kept, input) => kept.Block.Forward(input, kept.Step);

    private readonly VisionBlock[] _blocks;

    /// <summary>Takes the layers <c>0.…</c>, <c>1.…</c>, ….</summary>
    /// <param name="options">What a layer is made of.</param>
    /// <param name="weights">Where the layers stand.</param>
    /// <param name="count">How many there are.</param>
    public VisionStack(VisionBlockOptions options, WeightScope weights, int count)
    {
        ArgumentNullException.ThrowIfNull(options);
        _blocks = new VisionBlock[weights.CheckCount(count, "layers")];
        for (int i = 0; i < count; i++)
        {
            _blocks[i] = new VisionBlock(options, weights[i]);
        }
    }

    /// <summary>How many layers there are.</summary>
    public int Count => _blocks.Length;

    /// <summary>Runs all layers.</summary>
    /// <param name="input">Float32 [B, T, D]; left as it is.</param>
    /// <param name="step">Masks and positions.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c>: 0 is the input, i what leaves layer i − 1.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <returns>Float32 [B, T, D].</returns>
    public Tensor Forward(
        Tensor input, in VisionStep step = default, ForwardTrace? trace = null, CancellationToken cancellation = default) =>
        Run(input, step, _blocks.Length, [], [], trace, cancellation);

    /// <summary>The states of some layers; runs only as far as the deepest one.</summary>
    /// <param name="input">Float32 [B, T, D]: state 0.</param>
    /// <param name="step">Masks and positions.</param>
    /// <param name="layers">Which states, 0 to <see cref="Count"/>.</param>
    /// <param name="states">Room for float32 [B, T, D] of each.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such state.</exception>
    public void States(
        Tensor input, in VisionStep step, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        Run(input, step, Deepest(layers, states), layers, states, null, cancellation);
    }

    private static void Offer(int index, Tensor hidden, ReadOnlySpan<int> layers, Span<Tensor> states)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] == index)
            {
                states[i] = hidden;
            }
        }
    }

    private int Deepest(ReadOnlySpan<int> layers, Span<Tensor> states)
    {
        int deepest = 0;
        foreach (int layer in layers)
        {
            if (layer < 0 || layer > _blocks.Length)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(layers), layer, $"The model has {_blocks.Length} layers; states are numbered 0 to {_blocks.Length}.");
            }

            deepest = Math.Max(deepest, layer);
        }

        return states.Length >= layers.Length ? deepest : throw new ArgumentException(
            $"There is room for {states.Length} states, {layers.Length} are asked for.", nameof(states));
    }

    private Tensor Run(
        Tensor input, in VisionStep step, int count, ReadOnlySpan<int> layers, Span<Tensor> states, ForwardTrace? trace,
        CancellationToken cancellation)
    {
        Tensor hidden = input;
        bool recomputes = Gradients.Enabled && LayerRecomputation.IsOn;
        trace?.See("hidden_states", 0, hidden);
        Offer(0, hidden, layers, states);
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor before = hidden;
            int recorded = Gradients.RecordedOps;
            using (WorkScope scope = WorkScope.Open())
            {
                hidden = recomputes
                    ? Gradients.Checkpoint(new Recomputed(_blocks[i], step), s_run, hidden)
                    : scope.Keep(_blocks[i].Forward(hidden, step));
            }

            if (trace is null && Gradients.Enabled)
            {
                Gradients.ReleaseUnread(recorded, hidden);
            }

            trace?.See("hidden_states", i + 1, hidden);
            Offer(i + 1, hidden, layers, states);
            if (i > 0 && !layers.Contains(i))
            {
                WorkScope.Release(before);
            }
        }

        return hidden;
    }

    /// <summary>What a layer needs to run again.</summary>
    private sealed record Recomputed(VisionBlock Block, VisionStep Step);
}

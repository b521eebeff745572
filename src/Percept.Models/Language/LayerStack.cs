using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>A layer of a stack.</summary>
internal interface ILayer
{
    /// <summary>[N, hidden] → [N, hidden].</summary>
    Tensor Forward(Tensor input, DecoderStep step, ForwardTrace? trace);
}

/// <summary>Layers one after the other; where no gradients are recorded, a layer's memory is given back before the next.</summary>
internal sealed class LayerStack(ILayer[] layers)
{
    private static readonly Func<Recomputed, Tensor, Tensor> s_run = static (kept, input) =>
        kept.Layer.Forward(input, new DecoderStep(kept.Batch, kept.Tables) { Bias = kept.Bias }, null);

    /// <summary>How many layers there are.</summary>
    internal int Count => layers.Length;

    /// <summary>
    /// Runs all layers. Shows what enters each as <c>hidden_states.i</c>; what leaves the last one is the model's to show,
    /// after its final norm. The step's cancellation stops it between layers.
    /// </summary>
    internal Tensor Forward(Tensor embeddings, DecoderStep step, ForwardTrace? trace) =>
        Gradients.Enabled ? Recorded(embeddings, step, trace) : Unrecorded(embeddings, step, trace);

    private Tensor Recorded(Tensor hidden, DecoderStep step, ForwardTrace? trace)
    {
        (Tensor Cos, Tensor Sin)[]? tables = LayerRecomputation.IsOn && trace is null ? step.CopyTables() : null;
        for (int i = 0; i < layers.Length; i++)
        {
            step.Cancellation.ThrowIfCancellationRequested();
            trace?.See("hidden_states", i, hidden);
            int before = Gradients.RecordedOps;
            hidden = tables is null
                ? layers[i].Forward(hidden, step, trace)
                : Gradients.Checkpoint(new Recomputed(layers[i], step.Batch, step.Bias, tables), s_run, hidden);

            // Who traces may look at anything.
            if (trace is null)
            {
                Gradients.ReleaseUnread(before, hidden);
            }
        }

        return hidden;
    }

    private Tensor Unrecorded(Tensor embeddings, DecoderStep step, ForwardTrace? trace)
    {
        Tensor hidden = embeddings;
        for (int i = 0; i < layers.Length; i++)
        {
            step.Cancellation.ThrowIfCancellationRequested();
            trace?.See("hidden_states", i, hidden);
            Tensor before = hidden;
            using (TensorScope scope = TensorScope.Open())
            {
                hidden = scope.Keep(layers[i].Forward(hidden, step, trace));
            }

            if (before != embeddings)
            {
                before.Dispose();
            }
        }

        return hidden;
    }

    /// <summary>What a layer needs to run again.</summary>
    private sealed record Recomputed(ILayer Layer, SequenceBatch Batch, PackedBias Bias, (Tensor Cos, Tensor Sin)[] Tables);
}

using Percept.Tensors;

namespace Percept.Models;

/// <summary>What all layers share in one pass: the batch and the tables of rotary embedding.</summary>
public readonly ref struct DecoderStep
{
    private readonly ReadOnlySpan<(Tensor Cos, Tensor Sin)> _tables;

    /// <summary>Makes a step.</summary>
    /// <param name="batch">Which rows belong to which sequence.</param>
    /// <param name="tables">The tables of each kind of layer, float32 [N, R/2].</param>
    public DecoderStep(SequenceBatch batch, ReadOnlySpan<(Tensor Cos, Tensor Sin)> tables)
    {
        Batch = batch;
        _tables = tables;
    }

    /// <summary>Which rows belong to which sequence.</summary>
    public SequenceBatch Batch { get; }

    /// <summary>What is added to the scores of self-attention.</summary>
    public PackedBias Bias { get; init; }

    /// <summary>Stops between layers.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>A copy of the tables that outlives the step.</summary>
    internal (Tensor Cos, Tensor Sin)[] CopyTables() => _tables.ToArray();

    /// <summary>The tables of a kind of layer.</summary>
    /// <param name="kind">The kind.</param>
    public (Tensor Cos, Tensor Sin) Tables(int kind) => _tables[kind];
}

using System.Runtime.InteropServices;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Rotary position embedding of a decoder: tables of cosines and sines for the rows of a batch.</summary>
/// <remarks>
/// Frequencies that depend on a sequence's length (dynamic, LongRoPE) are computed for each sequence from its own length, so
/// that an answer does not depend on what else is in the batch. Safe for several threads.
/// </remarks>
public sealed class RotaryEmbedding
{
    private readonly RopeFrequencies _settings;
    private readonly float[] _inverse;
    private readonly float _factor;
    private readonly int[] _axisOfPair;

    /// <summary>Makes an embedding.</summary>
    /// <param name="settings">The frequencies.</param>
    /// <param name="axisOfPair">Which axis of position each pair of channels follows; null where positions have one axis.</param>
    /// <param name="divisors">Further divisors of the inverse frequencies (GGUF's <c>rope_freqs</c>); null for none.</param>
    public RotaryEmbedding(RopeFrequencies settings, int[]? axisOfPair = null, float[]? divisors = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _axisOfPair = axisOfPair ?? [];
        (_inverse, _factor) = settings.Compute();
        for (int i = 0; divisors is not null && i < _inverse.Length; i++)
        {
            _inverse[i] /= divisors[i];
        }
    }

    private bool DependsOnLength => _settings.Scaling is RopeScaling.Dynamic or RopeScaling.LongRope;

    /// <summary>The tables of a batch's rows.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>Float32 [N, R/2] each.</returns>
    public (Tensor Cos, Tensor Sin) Tables(SequenceBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!DependsOnLength)
        {
            return Ops.RopeTables(batch.Positions, _inverse, _axisOfPair, _factor);
        }

        if (batch.Count == 1)
        {
            return OfSequence(batch, 0);
        }

        int pairs = _inverse.Length;
        Tensor cos = Ops.Empty([batch.Rows, pairs]), sin = Ops.Empty([batch.Rows, pairs]);
        for (int i = 0; i < batch.Count; i++)
        {
            (Tensor ownCos, Tensor ownSin) = OfSequence(batch, i);
            Ops.CopyTo(ownCos, cos.Rows(batch.StartOf(i), batch.RowsOf(i)));
            Ops.CopyTo(ownSin, sin.Rows(batch.StartOf(i), batch.RowsOf(i)));
        }

        return (cos, sin);
    }

    /// <summary>Tells apart the lengths at which the frequencies differ; 0 where they never do.</summary>
    /// <param name="length">The length of a sequence.</param>
    internal int KindAt(int length)
    {
        if (!DependsOnLength)
        {
            return 0;
        }

        Span<float> inverse = stackalloc float[_inverse.Length];
        var kind = new HashCode();
        kind.Add(_settings.Compute(length, inverse));
        kind.AddBytes(MemoryMarshal.AsBytes(inverse));
        return kind.ToHashCode();
    }

    private (Tensor Cos, Tensor Sin) OfSequence(SequenceBatch batch, int sequence)
    {
        // Of a prompt that is fed in pieces the whole length counts from the first piece on.
        int length = Math.Max(batch.LongestPosition(sequence) + 1, batch.WholeLengthOf(sequence));
        if (_settings.Scaling == RopeScaling.Dynamic)
        {
            // The reference's base grows with the longest length seen and falls back once a call is short again.
            int seen = Math.Max(length, batch.LongestSeen(sequence));
            length = length < _settings.MaximumPositions ? length : seen;
            batch.SetLongestSeen(sequence, length);
        }

        Span<float> inverse = stackalloc float[_inverse.Length];
        float factor = _settings.Compute(length, inverse);
        return Ops.RopeTables(batch.PositionsOf(sequence), inverse, _axisOfPair, factor);
    }
}

using Percept.Tensors;

namespace Percept.Models;

/// <summary>The layers of an attention with as many heads of keys as of queries.</summary>
/// <param name="Heads">How many heads there are.</param>
/// <param name="Query">hidden → heads·D.</param>
/// <param name="Key">hidden (of the encoder, where it looks at one) → heads·D.</param>
/// <param name="Value">hidden (of the encoder, where it looks at one) → heads·Dv.</param>
/// <param name="Output">heads·Dv → hidden.</param>
/// <param name="Scale">Factor of scores; null for 1/√D.</param>
internal sealed record AttentionParts(int Heads, Linear Query, Linear Key, Linear Value, Linear Output, float? Scale = null)
{
    /// <summary>[n, hidden] → [n, heads, D].</summary>
    internal Tensor Headed(Linear layer, Tensor input)
    {
        Tensor rows = layer.Forward(input);
        return Ops.Reshape(rows, [rows.Shape[0], Heads, rows.Shape[1] / Heads]);
    }
}

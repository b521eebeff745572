using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The embeddings of a text tower: tokens plus learned positions.</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class TextTokens
{
    private readonly Tensor _tokenEmbedding;
    private readonly Tensor _positionEmbedding;

    /// <summary>Takes <c>token_embedding.weight</c> [V, D] and <c>position_embedding.weight</c> [P, D].</summary>
    internal TextTokens(WeightScope weights, int vocabulary, int positions, int hidden)
    {
        _tokenEmbedding = weights["token_embedding"].Take("weight", [vocabulary, hidden]);
        _positionEmbedding = weights["position_embedding"].Float("weight", [positions, hidden]);
    }

    /// <summary>[B, T] → [B, T, D].</summary>
    internal Tensor Forward(Tensor ids)
    {
        Dims sizes = Dims.Match(ids, "b t");
        int length = sizes["t"], positions = _positionEmbedding.Shape[0];
        if (length > positions)
        {
            throw new ShapeException(
                $"'ids' has {length} tokens a text, expected at most {positions}, for which the model has positions. Cut the texts.",
                nameof(ids), 1, $"at most {positions}", $"{length}");
        }

        Tensor rows = length == positions ? _positionEmbedding : Ops.Narrow(_positionEmbedding, 0, 0, length);
        return Ops.Add(Ops.Embedding(ids, _tokenEmbedding), rows);
    }

    /// <summary>A padding mask [B, T] as attention takes it: Bool [B, 1, 1, T].</summary>
    /// <param name="mask">Integer or Bool [B, T]; null for none.</param>
    /// <param name="tokens">[B, T, …], whose sizes it must have.</param>
    internal static Tensor? Mask(Tensor? mask, Tensor tokens)
    {
        if (mask is not { } given)
        {
            return null;
        }

        if (given.Rank != 2 || given.Shape[0] != tokens.Shape[0] || given.Shape[1] != tokens.Shape[1])
        {
            throw new ShapeException(
                $"'mask' has shape {given.Shape}, expected [{tokens.Shape[0]}, {tokens.Shape[1]}].", nameof(mask), null,
                $"[{tokens.Shape[0]}, {tokens.Shape[1]}]", given.Shape.ToString());
        }

        return Ops.Reshape(Ops.Cast(given, DType.Bool), [given.Shape[0], 1, 1, given.Shape[1]]);
    }
}

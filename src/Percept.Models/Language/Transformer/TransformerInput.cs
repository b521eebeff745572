using Percept.Tensors;

namespace Percept.Models;

/// <summary>How tokens enter a transformer: their embeddings, with what is added and done to them before the first layer.</summary>
internal sealed class TransformerInput
{
    /// <summary>The table of tokens [V, D].</summary>
    internal required Tensor Tokens { get; init; }

    /// <summary>Factor of token embeddings.</summary>
    internal float Scale { get; init; } = 1f;

    /// <summary>D → hidden; null where they are the same.</summary>
    internal Linear? Projection { get; init; }

    /// <summary>Null where positions are not added.</summary>
    internal LearnedPositions? Positions { get; init; }

    /// <summary>The table of token types [types, hidden]; null for none.</summary>
    internal Tensor? Types { get; init; }

    /// <summary>The norm of the sum; null for none.</summary>
    internal Norm? Norm { get; init; }

    /// <summary>Channels of an embedding: D.</summary>
    internal int Size => Tokens.Shape[1];

    /// <summary>The embeddings of tokens: [N, D].</summary>
    internal Tensor Embed(Tensor ids)
    {
        Tensor rows = Ops.Embedding(ids, Tokens);
        return Scale == 1f ? rows : Ops.Scale(rows, Scale);
    }

    /// <summary>What the first layer gets: [N, hidden].</summary>
    /// <param name="embeddings">[N, D].</param>
    /// <param name="batch">Which rows belong to which sequence.</param>
    /// <param name="types">The type of each token, I32 or I64 [N]; null for type 0.</param>
    internal Tensor Enter(Tensor embeddings, SequenceBatch batch, Tensor? types = null)
    {
        Tensor state = Projection?.Forward(embeddings) ?? embeddings;
        if (Types is { } table)
        {
            state = Ops.Add(state, types is { } given ? Ops.Embedding(given, table) : Ops.Narrow(table, 0, 0, 1));
        }
        else if (types is not null)
        {
            throw new ArgumentException("This model knows no types of tokens.", nameof(types));
        }

        if (Positions is not null)
        {
            state = Ops.Add(state, Positions.Forward(batch));
        }

        return Norm?.Forward(state) ?? state;
    }
}

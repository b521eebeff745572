using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a text encoder gets: tokens, or embeddings in their place.</summary>
public readonly record struct TextInput
{
    /// <summary>Makes it of tokens.</summary>
    /// <param name="ids">I32 or I64 [N].</param>
    public TextInput(Tensor ids) => Ids = ids;

    /// <summary>The tokens, I32 or I64 [N]; null where only embeddings are given.</summary>
    public Tensor? Ids { get; init; }

    /// <summary>Float32 [N, embedding size] instead of those of the tokens.</summary>
    public Tensor? Embeddings { get; init; }

    /// <summary>The type of each token (BERT: first or second text of a pair), I32 or I64 [N]; null for type 0.</summary>
    public Tensor? Types { get; init; }

    /// <summary>The embeddings, looked up where they are not given.</summary>
    /// <param name="encoder">Whose they are.</param>
    /// <exception cref="ArgumentException">There are neither tokens nor embeddings.</exception>
    internal Tensor EmbeddingsOf(ITextEncoder encoder) => Embeddings
        ?? encoder.Embed(Ids ?? throw new ArgumentException("A text needs tokens or embeddings.", nameof(encoder)));
}

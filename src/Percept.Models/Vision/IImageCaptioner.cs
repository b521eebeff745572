using Percept.Tensors;

namespace Percept.Models;

/// <summary>A decoder of texts that looks at a picture's states (BLIP).</summary>
public interface IImageCaptioner
{
    /// <summary>The token that every text begins with.</summary>
    int BeginToken { get; }

    /// <summary>The share of probability that training spreads over all tokens.</summary>
    double LabelSmoothing { get; }

    /// <summary>The states of pictures, which texts look at: float32 [B, T, D].</summary>
    /// <param name="input">The pictures.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    Tensor EncodeImages(in VisionInput input, CancellationToken cancellation = default);

    /// <summary>The logits of the token behind each token of texts, one text a picture: float32 [N, V], text by text.</summary>
    /// <param name="states">The states of pictures.</param>
    /// <param name="texts">The ids of each text.</param>
    /// <param name="lengths">How many first tokens of each text are seen, where others fill it up; null for all.</param>
    /// <exception cref="ArgumentException">There are more texts than pictures, or one has no tokens.</exception>
    Tensor Logits(Tensor states, IReadOnlyList<int[]> texts, IReadOnlyList<int>? lengths = null);
}

using Percept.Tensors;

namespace Percept.Models;

/// <summary>A model that compares pictures with texts by their vectors, and judges pairs by looking at both together (BLIP, ALBEF).</summary>
/// <remarks>Dimensions: B pictures of T tokens, n texts or pairs, E of the shared space.</remarks>
public interface IImageTextMatcher
{
    /// <summary>The states of pictures, which texts look at: float32 [B, T, D].</summary>
    /// <param name="input">The pictures.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    Tensor EncodeImages(in VisionInput input, CancellationToken cancellation = default);

    /// <summary>Unit vectors of pictures: float32 [B, E].</summary>
    /// <param name="states">Their states.</param>
    Tensor EmbedImages(Tensor states);

    /// <summary>Unit vectors of texts, by themselves: float32 [n, E].</summary>
    /// <param name="texts">The ids of each.</param>
    Tensor EmbedTexts(IReadOnlyList<int[]> texts);

    /// <summary>Whether texts and pictures belong together: float32 [n, 2], logits of no and yes.</summary>
    /// <param name="states">The states of pictures, float32 [B, T, D].</param>
    /// <param name="pictures">The picture of each pair.</param>
    /// <param name="texts">The ids of the text of each pair.</param>
    /// <exception cref="ArgumentException">Pictures and texts are not as many, or there is no such picture.</exception>
    Tensor Match(Tensor states, IReadOnlyList<int> pictures, IReadOnlyList<int[]> texts);
}

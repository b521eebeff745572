using Percept.Tensors;

namespace Percept.Models;

/// <summary>A model that learns by guessing the visual tokens of patches that were hidden from it (BEiT).</summary>
public interface IMaskedTokens
{
    /// <summary>How many visual tokens there are; 0 where the checkpoint has no head for them.</summary>
    int VisualTokens { get; }

    /// <summary>The logits of all patches.</summary>
    /// <param name="input">The pictures, and which patches are hidden.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c>; null for nobody.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <returns>Float32 [B, N, V].</returns>
    /// <exception cref="NotSupportedException">The checkpoint has no such head.</exception>
    Tensor GuessTokens(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default);
}

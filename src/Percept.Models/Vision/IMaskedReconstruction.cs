namespace Percept.Models;

/// <summary>A model that learns by painting what was hidden from it (MAE, VideoMAE).</summary>
public interface IMaskedReconstruction
{
    /// <summary>Hides patches and paints them.</summary>
    /// <param name="input">The pictures, and what to hide.</param>
    /// <param name="trace">Sees the encoder's <c>hidden_states.i</c>; null for nobody.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="NotSupportedException">The input does not say what to hide, or the checkpoint has no decoder.</exception>
    MaskedReconstruction Reconstruct(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default);
}

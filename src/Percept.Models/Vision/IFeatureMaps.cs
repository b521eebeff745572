using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision model that can serve as the backbone of another: states of some stages as maps.</summary>
public interface IFeatureMaps
{
    /// <summary>How many maps there are.</summary>
    int MapCount { get; }

    /// <summary>The maps, shallowest first.</summary>
    /// <param name="pixels">Float32 [B, C, H, W].</param>
    /// <param name="maps">Room for <see cref="MapCount"/> maps, float32 [B, D, h, w] each.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="ArgumentException">The pixels have a shape that the model does not take, or there is too little room.</exception>
    void FeatureMaps(Tensor pixels, Span<Tensor> maps, CancellationToken cancellation = default);
}

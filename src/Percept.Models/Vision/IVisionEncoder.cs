using Percept.Tensors;

namespace Percept.Models;

/// <summary>A model that makes features of pictures.</summary>
/// <remarks>Safe for several threads. Results belong to the caller's scope.</remarks>
public interface IVisionEncoder
{
    /// <summary>Runs the whole model.</summary>
    /// <param name="input">The pictures, and how to take them.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c> and what else there is; null for nobody.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="ArgumentException">The pixels have a shape that the model does not take.</exception>
    /// <exception cref="NotSupportedException">The input has parts that this model has no use for.</exception>
    VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default);
}

namespace Percept.Models;

/// <summary>A vision model that tells classes of pictures apart.</summary>
public interface IImageClassifier
{
    /// <summary>The classes' logits.</summary>
    /// <param name="input">The pictures, and how to take them.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c>; null for nobody.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="NotSupportedException">The checkpoint has no head for classes.</exception>
    ImageClasses Classify(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default);
}

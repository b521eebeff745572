using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision transformer that gives the states of its layers: the eye of a larger model.</summary>
/// <remarks>Safe for several threads.</remarks>
public interface IVisionTower
{
    /// <summary>Channels of a token.</summary>
    int HiddenSize { get; }

    /// <summary>How many layers there are: states are numbered 0 (what enters the first) to this.</summary>
    int LayerCount { get; }

    /// <summary>Pixels of a patch's side.</summary>
    int PatchSize { get; }

    /// <summary>Pixels of a picture's side for which positions were trained.</summary>
    int ImageSize { get; }

    /// <summary>Class and register tokens that stand before the patches.</summary>
    int PrefixTokens { get; }

    /// <summary>The states of some layers; runs only as far as the deepest.</summary>
    /// <param name="pixels">Float32 [B, 3, H, W], normalised.</param>
    /// <param name="layers">The states' numbers, from 0.</param>
    /// <param name="states">For each of them float32 [B, T, hidden], before any final norm.</param>
    /// <param name="cancellation">Stops between layers.</param>
    void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default);
}

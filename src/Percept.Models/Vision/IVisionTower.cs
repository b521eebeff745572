using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision transformer that gives the states of its layers: the eye of a multimodal model.</summary>
/// <remarks>Safe for several threads. States belong to the caller's scope.</remarks>
public interface IVisionTower
{
    /// <summary>Channels of a state.</summary>
    int HiddenSize { get; }

    /// <summary>How many layers there are; states are numbered 0 to this, 0 being what enters the first layer.</summary>
    int LayerCount { get; }

    /// <summary>Pixels a side of a patch.</summary>
    int PatchSize { get; }

    /// <summary>Pixels a side that positions were trained for (the height, where pictures are not square).</summary>
    int ImageSize { get; }

    /// <summary>Class and register tokens before the patches: 1 for CLIP, 0 for SigLIP.</summary>
    int PrefixTokens { get; }

    /// <summary>The states of some layers, before any final norm. Runs only as far as the deepest one.</summary>
    /// <param name="pixels">Float32 [B, C, H, W].</param>
    /// <param name="layers">Which states, 0 to <see cref="LayerCount"/>.</param>
    /// <param name="states">Room for float32 [B, T, D] of each; the same layer asked for twice gives the same tensor.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="ArgumentException">The pixels have a shape that the tower does not take, or there is no such layer.</exception>
    void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default);
}

using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The norm behind a tower's layers. Towers stored only for the states of their layers lack it.</summary>
/// <param name="config">The tower's configuration; <c>percept_final_norm</c> false where the file has no such norm.</param>
/// <param name="model">The tower's weights, with <c>post_layernorm</c> in them.</param>
/// <param name="hidden">Channels.</param>
/// <param name="eps">Added to the variance.</param>
internal sealed class TowerFinalNorm(ConfigReader config, WeightScope model, int hidden, float eps)
{
    private readonly Norm? _norm = config.Flag("percept_final_norm", true) ? model.LayerNorm("post_layernorm", hidden, eps) : null;

    /// <summary>The norm.</summary>
    /// <exception cref="NotSupportedException">The tower was stored without it.</exception>
    internal Norm Value => _norm ?? throw new NotSupportedException(
        "This tower was stored without its final norm: it gives the states of its layers, no whole encoding. Use the tower's own checkpoint.");
}

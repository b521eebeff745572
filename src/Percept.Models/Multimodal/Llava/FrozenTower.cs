using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>
/// A tower of which nothing is trained: nothing in it is recorded, so that its layers' memory is given back as in inference while what
/// stands behind it learns.
/// </summary>
/// <param name="tower">The tower.</param>
internal sealed class FrozenTower(IVisionTower tower) : IVisionTower
{
    /// <inheritdoc/>
    public int HiddenSize => tower.HiddenSize;

    /// <inheritdoc/>
    public int LayerCount => tower.LayerCount;

    /// <inheritdoc/>
    public int PatchSize => tower.PatchSize;

    /// <inheritdoc/>
    public int ImageSize => tower.ImageSize;

    /// <inheritdoc/>
    public int PrefixTokens => tower.PrefixTokens;

    /// <summary>The tower, frozen where a model is loaded to be trained and the tower is not.</summary>
    /// <param name="tower">The tower.</param>
    /// <param name="weights">Where its weights stand.</param>
    internal static IVisionTower Of(IVisionTower tower, WeightScope weights)
    {
        bool learns = weights.Options is { Trainable: true } or ModelLoadOptions { Adapters: not null };
        bool adapted = (weights.Options as ModelLoadOptions)?.Adapters?.All
            .Any(adapter => adapter.Layers.Keys.Any(name => name.StartsWith(weights.Prefix, StringComparison.Ordinal))) ?? false;
        return learns && !adapted && !weights.TrainsAny() ? new FrozenTower(tower) : tower;
    }

    /// <inheritdoc/>
    public void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        using GradientSwitch off = Gradients.Off();
        tower.States(pixels, layers, states, cancellation);
    }
}

using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision tower with the projector behind it: the part of a LLaVA that a GGUF "mmproj" file holds.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class ProjectedTower
{
    /// <summary>Puts both together.</summary>
    /// <param name="tower">The tower.</param>
    /// <param name="projector">From the joined channels to the language model's.</param>
    /// <param name="config">What is done with the tower's states.</param>
    public ProjectedTower(IVisionTower tower, MlpProjector projector, LlavaConfig config)
    {
        Tower = tower;
        Projector = projector;
        Config = config;
    }

    /// <summary>The tower.</summary>
    public IVisionTower Tower { get; }

    /// <summary>The projector.</summary>
    public MlpProjector Projector { get; }

    /// <summary>What is done with the tower's states.</summary>
    public LlavaConfig Config { get; }

    /// <summary>The projected rows of pictures.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, D].</returns>
    public Tensor Features(Tensor pixels, CancellationToken cancellation = default) =>
        Projector.Forward(TowerStates.Select(Tower, pixels, Config.FeatureLayers, Config.KeepsFirst, cancellation));
}

using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision tower with the projector behind it: the part of a LLaVA that a GGUF "mmproj" file holds.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class ProjectedTower
{
    /// <summary>Puts both together.</summary>
    /// <param name="tower">The tower.</param>
    /// <param name="projector">From the joined channels to the language model's.</param>
    /// <param name="config">What is done with the tower's states; null where the owner says it.</param>
    public ProjectedTower(IVisionTower tower, MlpProjector projector, LlavaConfig? config = null)
    {
        Tower = tower;
        Projector = projector;
        Config = config;
    }

    /// <summary>The tower.</summary>
    public IVisionTower Tower { get; }

    /// <summary>The projector.</summary>
    public MlpProjector Projector { get; }

    /// <summary>What is done with the tower's states; null where the owner says it.</summary>
    public LlavaConfig? Config { get; }

    /// <summary>The projected rows of pictures.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="layers">The states whose channels are joined, from 0, or from −1 for the last.</param>
    /// <param name="keepsPrefix">Whether class tokens stay.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, D].</returns>
    public Tensor Features(Tensor pixels, IReadOnlyList<int> layers, bool keepsPrefix, CancellationToken cancellation = default) =>
        Projector.Forward(Selected(Tower, pixels, layers, keepsPrefix, cancellation));

    /// <summary>The tower's states, without class tokens where they go, with their channels joined: [k, T, C·states].</summary>
    internal static Tensor Selected(
        IVisionTower tower, Tensor pixels, IReadOnlyList<int> layers, bool keepsPrefix, CancellationToken cancellation)
    {
        var numbers = new int[layers.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            int number = layers[i] < 0 ? layers[i] + tower.LayerCount + 1 : layers[i];
            numbers[i] = number >= 0 && number <= tower.LayerCount
                ? number
                : throw new ArgumentOutOfRangeException(
                    nameof(layers), layers[i], $"The tower has states 0 to {tower.LayerCount}, or −1 to −{tower.LayerCount + 1}.");
        }

        var states = new Tensor[numbers.Length];
        tower.States(pixels, numbers, states, cancellation);
        for (int i = 0; i < states.Length && !keepsPrefix && tower.PrefixTokens > 0; i++)
        {
            states[i] = Ops.Slice(states[i], 1, tower.PrefixTokens);
        }

        return states.Length == 1 ? states[0] : Ops.Concat(states, -1);
    }
}

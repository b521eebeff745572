using System.Buffers;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Takes states out of a vision tower, numbered as the reference numbers them.</summary>
internal static class TowerStates
{
    /// <summary>The states of some layers with their channels joined: [k, T, C·states].</summary>
    /// <param name="tower">The tower.</param>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="layers">The states' numbers: from 0, or from −1 for the last.</param>
    /// <param name="keepsFirst">Whether the first token stays.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such state.</exception>
    internal static Tensor Select(
        IVisionTower tower, Tensor pixels, IReadOnlyList<int> layers, bool keepsFirst, CancellationToken cancellation = default)
    {
        Span<int> numbers = stackalloc int[layers.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            int number = layers[i] < 0 ? layers[i] + tower.LayerCount + 1 : layers[i];
            numbers[i] = number >= 0 && number <= tower.LayerCount
                ? number
                : throw new ArgumentOutOfRangeException(
                    nameof(layers), layers[i], $"The tower has states 0 to {tower.LayerCount}, or −1 to −{tower.LayerCount + 1}.");
        }

        Tensor[] rented = ArrayPool<Tensor>.Shared.Rent(numbers.Length);
        Span<Tensor> states = rented.AsSpan(0, numbers.Length);
        states.Clear();
        tower.States(pixels, numbers, states, cancellation);
        for (int i = 0; i < states.Length && !keepsFirst; i++)
        {
            states[i] = Ops.Slice(states[i], 1, 1);
        }

        Tensor result = states.Length == 1 ? states[0] : Ops.Concat(states, -1);
        ArrayPool<Tensor>.Shared.Return(rented, clearArray: true);
        return result;
    }
}

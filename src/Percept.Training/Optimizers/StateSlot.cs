using Percept.Tensors;

namespace Percept.Training;

/// <summary>A tensor that an optimizer remembers for a weight.</summary>
/// <param name="Name">Its name, as PyTorch calls it.</param>
/// <param name="Shape">Its shape.</param>
internal readonly record struct StateSlot(string Name, Shape Shape);

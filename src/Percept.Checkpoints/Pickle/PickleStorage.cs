using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A run of elements that tensors are views of.</summary>
/// <param name="Key">Its name in the checkpoint.</param>
/// <param name="TypeName">Its element type in PyTorch's word.</param>
/// <param name="Type">Its element type; null where Percept has none.</param>
/// <param name="ElementBytes">The bytes of an element.</param>
/// <param name="Count">How many elements the whole has.</param>
/// <param name="First">The first element of the part that is meant; 0 but in old files.</param>
internal sealed record PickleStorage(
    string Key, string TypeName, DType? Type, int ElementBytes, long Count, long First = 0);

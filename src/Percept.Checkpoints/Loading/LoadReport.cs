using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>What a model took out of a checkpoint.</summary>
/// <param name="Source">The file or folder.</param>
/// <param name="Taken">Every tensor that the model took.</param>
/// <param name="Ignored">Every tensor that the model does not need, with the reason.</param>
public sealed record LoadReport(
    string Source, IReadOnlyList<TakenTensor> Taken, IReadOnlyList<KeyValuePair<string, string>> Ignored)
{
    /// <summary>The weights that are trained, as <see cref="LoadOptions.Trains"/> chose them, in the order of their names.</summary>
    public IReadOnlyList<Parameter> Trained { get; init; } = [];

    /// <summary>How many numbers the model took.</summary>
    public long Parameters => Taken.Sum(tensor => tensor.Shape.Count);

    /// <summary>How many bytes of the files they take.</summary>
    public long Bytes => Taken.Sum(tensor => tensor.Bytes);
}

/// <summary>A tensor that a model took.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="FileName">The name in the file.</param>
/// <param name="Type">The element type in the file.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Bytes">How many bytes it takes in the file.</param>
/// <param name="Converted">The type that it was converted to; null when it is used as stored.</param>
public sealed record TakenTensor(string Name, string FileName, DType Type, Shape Shape, long Bytes, DType? Converted);

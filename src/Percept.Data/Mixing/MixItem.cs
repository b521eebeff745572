namespace Percept.Data;

/// <summary>A sample of a mix, not yet read.</summary>
/// <param name="Source">The dataset it is of.</param>
/// <param name="Index">Its index in that dataset.</param>
public readonly record struct MixItem(MixSource Source, int Index)
{
    /// <summary>Reads the sample.</summary>
    /// <exception cref="InvalidDataException">The record cannot be read.</exception>
    public DatasetSample Load() => Source.Dataset[Index];

    /// <summary>The dataset and the index.</summary>
    public override string ToString() => FormattableString.Invariant($"{Source.Name}[{Index}]");
}

namespace Percept.Data;

/// <summary>Samples by their index.</summary>
/// <remarks>
/// Safe for several threads: samples are prepared ahead of compute by several. A sample is read, and a generated one made, each time
/// that it is asked for, and the same index always gives the same sample; media of a sample are decoded only when somebody asks the
/// <see cref="MediaReference"/> for them.
/// </remarks>
public interface IDataset
{
    /// <summary>How many samples there are.</summary>
    int Count { get; }

    /// <summary>A sample.</summary>
    /// <param name="index">Its index, 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    /// <exception cref="InvalidDataException">The record cannot be read; the message names file, line and reason.</exception>
    DatasetSample this[int index] { get; }
}

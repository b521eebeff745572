using Percept.Data;

namespace Percept.Training;

/// <summary>A dataset whose conversations are taken as independent questions, or as conversations.</summary>
/// <param name="inner">The dataset.</param>
/// <param name="apart">Whether each question stands alone.</param>
internal sealed class TurnsDataset(IDataset inner, bool apart) : IDataset
{
    /// <summary>The dataset as it is read.</summary>
    internal IDataset Inner { get; } = inner;

    public int Count => Inner.Count;

    public DatasetSample this[int index] => Own(Inner[index]);

    /// <summary>A sample with the turns of this dataset.</summary>
    internal DatasetSample Own(DatasetSample sample) => sample with { TurnsApart = apart };
}

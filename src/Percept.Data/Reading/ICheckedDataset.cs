namespace Percept.Data;

/// <summary>A dataset that tells everything that is wrong with a record, where the indexer tells the first.</summary>
internal interface ICheckedDataset : IDataset
{
    /// <summary>Where a record begins.</summary>
    SampleSource SourceOf(int index);

    /// <summary>Reads a record and adds what is wrong with it.</summary>
    /// <returns>The sample as far as it can be read; null where nothing of it can.</returns>
    DatasetSample? Read(int index, ProblemList problems);
}

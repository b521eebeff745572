namespace Percept.Data;

/// <summary>What datasets on disk have in common: the indexer throws the first problem that reading a record finds.</summary>
internal abstract class CheckedDataset : ICheckedDataset
{
    public abstract int Count { get; }

    public DatasetSample this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var problems = new ProblemList(SourceOf(index));
            DatasetSample? sample = Read(index, problems);
            return problems.Problems.Count == 0 && sample is not null
                ? sample
                : throw new InvalidDataException(
                    problems.Problems.Count > 0 ? problems.Problems[0].ToString() : $"{problems.Source}: no sample.");
        }
    }

    public abstract SampleSource SourceOf(int index);

    public abstract DatasetSample? Read(int index, ProblemList problems);
}

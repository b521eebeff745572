namespace Percept.Data;

/// <summary>
/// Generated scenes and statements in the manner of NLVR: sample <c>i</c> follows from the seed, the part and <c>i</c> alone.
/// </summary>
/// <remarks>
/// A statement is drawn first; then a scene where it is true, and by as few changes as chance finds one where it is false. A coin says
/// which of the two is shown, so that a statement alone tells nothing: each is true in half of the cases.
/// </remarks>
public sealed class NlvrStatementDataset : IDataset
{
    private const int MostChanges = 160;

    private readonly long _seed;
    private readonly SceneSplit _split;

    /// <summary>Names a dataset; nothing is drawn yet.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="count">How many samples there are, at least 1.</param>
    /// <param name="split">The part; all parts have the same kinds of statements, and other scenes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public NlvrStatementDataset(long seed, int count, SceneSplit split = SceneSplit.Train)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _seed = seed;
        _split = split;
        Count = count;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public DatasetSample this[int index]
    {
        get
        {
            (NlvrStatement statement, NlvrScene scene, bool label) = At(index);
            string name = FormattableString.Invariant($"nlvr-like/{_split}/{_seed}/{index}");
            return NlvrDataset.Sample(name, new SampleSource("generated:nlvr-like", index), statement.Text, label, scene.Draw);
        }
    }

    /// <summary>A sample by its content.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public (NlvrStatement Statement, NlvrScene Scene, bool Label) At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var random = new GeneratorRandom(_seed, $"nlvr-like/{_split}", index);
        var grammar = new NlvrGrammar(random);
        while (true)
        {
            // A statement for which one of the two is not found is dropped whole: otherwise it would be shown with one answer only.
            NlvrStatement statement = grammar.Next();
            NlvrScene start = NlvrScenes.Any(random, statement.IsTower);
            if (Search(random, statement, start, true) is { } right && Search(random, statement, right, false) is { } wrong)
            {
                bool label = random.Coin();
                return (statement, label ? right : wrong, label);
            }
        }
    }

    private static NlvrScene? Search(GeneratorRandom random, NlvrStatement statement, NlvrScene scene, bool wanted)
    {
        for (int change = 0; change <= MostChanges; change++)
        {
            if (statement.Holds(scene) == wanted)
            {
                return scene;
            }

            scene = NlvrScenes.Change(random, scene, statement.IsTower);
        }

        return null;
    }
}

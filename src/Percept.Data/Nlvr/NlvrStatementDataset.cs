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

    // A scene in which more statements come out as their coins say is rarely found.
    private const int MostSearched = 4;
    private const int MostDraws = 400;

    private readonly long _seed;
    private readonly SceneSplit _split;
    private readonly NlvrSampleOptions _options;

    /// <summary>Names a dataset; nothing is drawn yet.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="count">How many samples there are, at least 1.</param>
    /// <param name="split">The part; all parts have the same kinds of statements, and other scenes.</param>
    /// <param name="options">The form of the samples; <see cref="NlvrSampleOptions.Usual"/> when left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1, or an option is out of its range.</exception>
    public NlvrStatementDataset(long seed, int count, SceneSplit split = SceneSplit.Train, NlvrSampleOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _options = options ?? NlvrSampleOptions.Usual;
        _options.Check();
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
            (IReadOnlyList<(NlvrStatement Statement, bool Label)> asked, NlvrScene scene) = AllAt(index);
            string name = FormattableString.Invariant($"nlvr-like/{_split}/{_seed}/{index}");
            return new NlvrSample(name, new SampleSource("generated:nlvr-like", index), scene, [.. asked.Select(a => (a.Statement.Text, a.Label))])
                .Make(_options, scene.Draw, scene.DrawBox);
        }
    }

    /// <summary>The first statement of a sample by its content.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public (NlvrStatement Statement, NlvrScene Scene, bool Label) At(int index)
    {
        (IReadOnlyList<(NlvrStatement Statement, bool Label)> asked, NlvrScene scene) = AllAt(index);
        return (asked[0].Statement, scene, asked[0].Label);
    }

    /// <summary>All statements of a sample, whether each is true, and the scene.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public (IReadOnlyList<(NlvrStatement Statement, bool Label)> Statements, NlvrScene Scene) AllAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var random = new GeneratorRandom(_seed, $"nlvr-like/{_split}", index);
        var grammar = new NlvrGrammar(random);
        while (true)
        {
            (NlvrStatement statement, NlvrScene right, NlvrScene wrong) = Draw(random, grammar, null);
            bool label = random.Coin();
            NlvrScene scene = label ? right : wrong;
            var asked = new List<(NlvrStatement Statement, bool Label)> { (statement, label) };
            while (asked.Count < Math.Min(_options.Statements, MostSearched))
            {
                asked.Add((Draw(random, grammar, statement.IsTower).Statement, random.Coin()));
            }

            if (Search(random, asked, scene) is { } found)
            {
                DrawMore(random, grammar, found, asked);
                return (asked, found);
            }
        }
    }

    /// <summary>Draws statements about a scene until there are enough, or too many draws in vain; either answer is as likely.</summary>
    private void DrawMore(GeneratorRandom random, NlvrGrammar grammar, NlvrScene scene, List<(NlvrStatement Statement, bool Label)> asked)
    {
        bool isTower = asked[0].Statement.IsTower, label = random.Coin();
        for (int draw = 0; asked.Count < _options.Statements && draw < MostDraws; draw++)
        {
            NlvrStatement statement = grammar.Next();
            if (statement.IsTower == isTower && statement.Holds(scene) == label && asked.TrueForAll(a => a.Statement.Text != statement.Text))
            {
                asked.Add((statement, label));
                label = random.Coin();
            }
        }
    }

    /// <summary>A statement with a scene where it is true and one where it is false.</summary>
    private static (NlvrStatement Statement, NlvrScene Right, NlvrScene Wrong) Draw(
        GeneratorRandom random, NlvrGrammar grammar, bool? isTower)
    {
        while (true)
        {
            // A statement for which one of the two is not found is dropped whole: otherwise it would be shown with one answer only.
            NlvrStatement statement = grammar.Next();
            if (isTower is not null && statement.IsTower != isTower)
            {
                continue;
            }

            NlvrScene start = NlvrScenes.Any(random, statement.IsTower);
            if (Search(random, statement, start, true) is { } right && Search(random, statement, right, false) is { } wrong)
            {
                return (statement, right, wrong);
            }
        }
    }

    /// <summary>A scene where all statements come out as they are to; changes are kept that make no fewer of them do so.</summary>
    private static NlvrScene? Search(
        GeneratorRandom random, List<(NlvrStatement Statement, bool Label)> asked, NlvrScene scene)
    {
        int fitting = Fitting(scene);
        for (int change = 0; change < MostChanges && fitting < asked.Count; change++)
        {
            NlvrScene next = NlvrScenes.Change(random, scene, asked[0].Statement.IsTower);
            int count = Fitting(next);
            if (count >= fitting)
            {
                (scene, fitting) = (next, count);
            }
        }

        return fitting == asked.Count ? scene : null;

        int Fitting(NlvrScene tried) => asked.Count(a => a.Statement.Holds(tried) == a.Label);
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

using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Language;

/// <summary>What holds of every text encoder.</summary>
public class TextEncoderTests
{
    public static TheoryData<string> Names() => [.. TinyEncoders.Encoders.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ABatchIsItsTexts(string name)
    {
        ITextEncoder model = Load(name);
        float[] apart = [.. Runs.Sequences.SelectMany(tokens => States(model, [tokens]))];
        Assert.DoesNotContain(apart, float.IsNaN);
        Runs.Same(apart, States(model, Runs.Sequences));
        int[][] block = [Runs.Sequences[0][..5], Runs.Sequences[2]];
        Runs.Same([.. block.SelectMany(tokens => States(model, [tokens]))], States(model, block));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TokensSeeWhatComesAfter(string name)
    {
        ITextEncoder model = Load(name);
        float[] one = States(model, [[4, 5, 6, 7]]), other = States(model, [[4, 5, 6, 8]]);
        Runs.Different(one[..model.HiddenSize], other[..model.HiddenSize]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AMaskHidesTokens(string name)
    {
        ITextEncoder model = Load(name);
        float[] One(int last) => States(model, [[4, 5, 6, last]], [true, true, true, false]);
        Runs.Same(One(7)[..(3 * model.HiddenSize)], One(8)[..(3 * model.HiddenSize)]);
        Runs.Different(One(7)[(3 * model.HiddenSize)..], One(8)[(3 * model.HiddenSize)..]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TextsOfOneLengthMayStandAtDifferentPositions(string name)
    {
        ITextEncoder model = Load(name);
        int[][] texts = [[3, 9, 1], [5, 5, 2]];
        int[][] positions = [[0, 1, 2], [0, 4, 9]];
        float[] apart = [.. texts.SelectMany((tokens, i) => States(model, [tokens], positions: [positions[i]]))];
        Runs.Same(apart, States(model, texts, positions: positions));
    }

    [Fact]
    public void EmbeddingsMayStandForTokens()
    {
        ITextEncoder model = Load("bert");
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var batch = new SequenceBatch();
        batch.Add(3);
        Tensor ids = Tensor.From([3, 9, 1], [3]);
        Tensor states = model.Encode(new TextInput { Embeddings = model.Embed(ids) }, batch).States;
        Runs.Same(States(model, [[3, 9, 1]]), states.ToArray<float>());
    }

    [Fact]
    public void TypesOfTokensCountWhereTheModelKnowsThem()
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var batch = new SequenceBatch();
        batch.Add(3);
        var input = new TextInput(Tensor.From([3, 9, 1], [3])) { Types = Tensor.From([0, 0, 1], [3]) };
        Runs.Different(States(Load("bert"), [[3, 9, 1]]), Load("bert").Encode(input, batch).States.ToArray<float>());
        Assert.Throws<ArgumentException>(() => Load("t5 encoder").Encode(input, batch));
    }

    [Fact]
    public void RobertaCountsTokensButForPadding()
    {
        ITextEncoder model = Load("roberta");
        var positions = new int[5];
        model.Place([7, 1, 8, 1, 9], positions);
        Assert.Equal([0, -1, 1, -1, 2], positions);
        Assert.Equal(2, model.FirstPosition);
        Assert.Equal(32, model.MaximumPositions);
    }

    [Fact]
    public void ThePoolerTakesTheFirstTokenOfEachText()
    {
        TinyCheckpoint tiny = TinyEncoders.Bert("bert", cross: false).AddLinear("bert.pooler.dense", 24, 24, bias: true)
            .AddLinear("cls.seq_relationship", 2, 24, bias: true);
        IMaskedLanguageModel model = tiny.Load().As<IMaskedLanguageModel>();
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var batch = new SequenceBatch();
        batch.Add(3);
        batch.Add(2);
        TextEncoding encoding = model.Encode(new TextInput(Tensor.From([3, 9, 1, 4, 4], [5])), batch);
        Tensor firsts = Ops.Concat([encoding.States.Rows(0, 1), encoding.States.Rows(3, 1)], 0);
        Tensor expected = Ops.Tanh(Ops.Linear(firsts, tiny["bert.pooler.dense.weight"], tiny["bert.pooler.dense.bias"]));
        Runs.Same(expected.ToArray<float>(), encoding.Pooled!.Value.ToArray<float>());
        Assert.True(model.JudgesPairs);
        Assert.Equal(2, model.NextSentence(encoding.Pooled.Value).Shape[1]);
    }

    [Fact]
    public void ABareEncoderHasNoHeads()
    {
        TinyCheckpoint tiny = TinyEncoders.Bert("bert", cross: false);
        foreach (string name in tiny.Names.Where(name => name.StartsWith("cls.", StringComparison.Ordinal)).ToArray())
        {
            tiny.Remove(name);
        }

        object model = tiny.Renamed(name => name["bert.".Length..]).Load().Model;
        Assert.IsAssignableFrom<ITextEncoder>(model);
        Assert.False(model is IMaskedLanguageModel);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CancellationStopsBeforeTheNextLayer(string name)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        using var source = new CancellationTokenSource();
        var trace = new StoppingTrace(source);
        var batch = new SequenceBatch();
        batch.Add(3);
        Assert.Throws<OperationCanceledException>(
            () => Load(name).Encode(new TextInput(Tensor.From([3, 9, 1], [3])), batch, trace, source.Token));
        Assert.Equal(["hidden_states.0"], trace.Seen.Where(seen => seen.StartsWith("hidden_states", StringComparison.Ordinal)));
    }

    private static ITextEncoder Load(string name) => TinyEncoders.Encoders[name]().Load().As<ITextEncoder>();

    private static float[] States(ITextEncoder model, int[][] texts, bool[]? seen = null, int[][]? positions = null)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var batch = new SequenceBatch();
        for (int i = 0; i < texts.Length; i++)
        {
            var placed = new int[texts[i].Length];
            model.Place(texts[i], placed);
            batch.Add(positions?[i] ?? placed);
        }

        if (seen is not null)
        {
            int rows = texts[0].Length;
            batch.SetMask(0, Ops.BroadcastTo(Tensor.From(seen, [1, 1, 1, rows]), [1, 1, rows, rows]));
        }

        int[] all = [.. texts.SelectMany(tokens => tokens)];
        return model.Encode(new TextInput(Tensor.From(all, [all.Length])), batch).States.ToArray<float>();
    }

    /// <summary>Asks to stop once it sees what enters the first layer.</summary>
    private sealed class StoppingTrace(CancellationTokenSource source) : ForwardTrace
    {
        internal List<string> Seen { get; } = [];

        public override void See(string name, Tensor value)
        {
            Seen.Add(name);
            source.Cancel();
        }
    }
}

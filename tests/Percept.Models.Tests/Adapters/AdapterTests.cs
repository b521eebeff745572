using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Adapters;

/// <summary>Adapters beside the layers of models: new, saved, opened, switched, merged.</summary>
public sealed class AdapterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("percept-adapter-").FullName;

    private static AdapterConfig Lora(params string[] targets) => new() { Rank = 3, Alpha = 6, Targets = targets };

    [Theory]
    [InlineData("llama", "q_proj down_proj")]
    [InlineData("phi3", "qkv_proj gate_up_proj")]
    [InlineData("gpt2", "c_attn")]
    [InlineData("deepseek_v3", "q_b_proj o_proj")]
    public void ANewAdapterChangesNothing(string model, string targets)
    {
        TinyCheckpoint tiny = TinyDecoders.All[model]();
        float[] plain = Runs.Whole(tiny.Load().As<ILanguageModel>(), Runs.Sequences[0]);
        Adapter adapter = New(Lora(targets.Split(' ')));
        ILanguageModel adapted = Load(tiny, adapter);
        Assert.NotEmpty(adapter.Layers);
        Runs.Same(plain, Runs.Whole(adapted, Runs.Sequences[0]));
    }

    [Theory]
    [InlineData("llama", false, false)]
    [InlineData("phi3", false, false)]
    [InlineData("llama", true, false)]
    [InlineData("llama", false, true)]
    public void WhatIsSavedIsOpenedAndMergedAsTheSame(string model, bool stabilised, bool decomposed)
    {
        TinyCheckpoint tiny = TinyDecoders.All[model]();
        string[] targets = model == "phi3" ? ["qkv_proj", "down_proj"] : ["q_proj", "v_proj", "down_proj"];
        Adapter adapter = New(Lora(targets) with { RankStabilised = stabilised, Decomposed = decomposed });
        ILanguageModel adapted = Load(tiny, adapter);
        Disturb(adapter);
        float[] plain = Runs.Whole(tiny.Load().As<ILanguageModel>(), Runs.Sequences[0]);
        float[] want = Runs.Whole(adapted, Runs.Sequences[0]);
        Assert.NotEqual(plain, want);

        adapter.Save(_folder);
        Runs.Same(want, Runs.Whole(Load(tiny, Adapter.Open(_folder)), Runs.Sequences[0]));
        Runs.Same(want, Runs.Cached(Load(tiny, Adapter.Open(_folder)), [Runs.Sequences[0]], [2, 1])[0]);

        string folder = tiny.Write();
        string output = Path.Combine(_folder, "merged");
        AdapterMerge.Write(folder, Adapter.Open(_folder), output);
        Runs.Same(want, Runs.Whole(ModelLoader.Load(output).As<ILanguageModel>(), Runs.Sequences[0]));
        Assert.Throws<IOException>(() => AdapterMerge.Write(folder, Adapter.Open(_folder), output));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void OnlyTheAdapterGetsGradients()
    {
        TinyCheckpoint tiny = TinyDecoders.All["llama"]();
        Adapter adapter = New(Lora("q_proj", "up_proj"));
        ILanguageModel model = Load(tiny, adapter);
        Disturb(adapter);
        Tensor hidden = model.Forward(model.Embed(Tensor.From([3, 9, 1], [3])), Batch(3));
        Gradients.Backward(Ops.Sum(Ops.Multiply(model.Logits(hidden), Ops.RandomNormal([3, model.VocabularySize], new RandomStream(3)))));
        Assert.Equal(8, adapter.Parameters.Count);
        Assert.All(adapter.Parameters, parameter => Assert.Contains(parameter.Value.Grad!.Value.ToArray<float>(), value => value != 0));
    }

    [Fact]
    public void AdaptersAreSwitchedAndTurnedOff()
    {
        TinyCheckpoint tiny = TinyDecoders.All["llama"]();
        Adapter first = New(Lora("q_proj"), "first"), second = New(Lora("down_proj"), "second");
        var set = new AdapterSet(first, second);
        ILanguageModel model = tiny.Load(new ModelLoadOptions { Adapters = set }).As<ILanguageModel>();
        Disturb(first);
        Disturb(second);
        float[] plain = Runs.Whole(tiny.Load().As<ILanguageModel>(), Runs.Sequences[0]);
        float[] ofFirst = Runs.Whole(model, Runs.Sequences[0]);
        set.Active = second;
        float[] ofSecond = Runs.Whole(model, Runs.Sequences[0]);
        Assert.NotEqual(ofFirst, ofSecond);
        set.Active = null;
        Runs.Same(plain, Runs.Whole(model, Runs.Sequences[0]));
        set.Active = first;
        Runs.Same(ofFirst, Runs.Whole(model, Runs.Sequences[0]));
        Assert.Throws<ArgumentException>(() => set.Active = New(Lora("q_proj"), "third"));
    }

    [Fact]
    public void DropoutDropsTheSameInTheSameStep()
    {
        TinyCheckpoint tiny = TinyDecoders.All["llama"]();
        Adapter adapter = New(Lora("q_proj") with { Dropout = 0.5 });
        ILanguageModel model = Load(tiny, adapter);
        Disturb(adapter);
        float[] Recorded()
        {
            using TensorScope scope = TensorScope.Open();
            return model.Logits(model.Forward(model.Embed(Tensor.From([3, 9, 1], [3])), Batch(3))).ToArray<float>();
        }

        float[] without = Recorded();
        adapter.BeginStep(0);
        float[] first = Recorded();
        Assert.Equal(first, Recorded());
        Assert.NotEqual(without, first);
        using (Gradients.Off())
        {
            // As a segment that will run again is computed first.
            Assert.Equal(first, Recorded());
        }

        // Steps as a trainer counts them: the step, then its micro-batch in 20 bits.
        foreach (ulong step in (ulong[])[1, 1UL << 20, 255UL << 20, 256UL << 20])
        {
            adapter.BeginStep(step);
            Assert.NotEqual(first, Recorded());
        }

        adapter.BeginStep(null);
        Assert.Equal(without, Recorded());
    }

    [Fact]
    public void WholePartsComeFromTheAdapter()
    {
        TinyCheckpoint tiny = TinyDecoders.All["llama"]();
        Adapter adapter = New(Lora("q_proj") with { WholeParts = ["lm_head"] });
        var options = new ModelLoadOptions
        {
            Adapters = new AdapterSet(adapter),
            Trains = name => adapter.Config.IsWhole(name.Name),
        };
        LoadedModel loaded = tiny.Load(options);
        Parameter head = Assert.Single(loaded.Report.Trained);
        Assert.Equal("lm_head.weight", head.Name);
        using (Gradients.Off())
        {
            Ops.CopyTo(Ops.RandomNormal(head.Value.Shape, new RandomStream(5)), head.Value);
        }

        float[] want = Runs.Whole(loaded.As<ILanguageModel>(), Runs.Sequences[0]);
        adapter.Save(_folder, loaded.Report.Trained);
        Runs.Same(want, Runs.Whole(Load(tiny, Adapter.Open(_folder)), Runs.Sequences[0]));
    }

    [Fact]
    public void AFolderWithAnAdapterIsAModel()
    {
        TinyCheckpoint tiny = TinyDecoders.All["llama"]();
        string model = tiny.Write();
        Adapter adapter = New(Lora("q_proj") with { BaseModel = model });
        ILanguageModel adapted = Load(tiny, adapter);
        Disturb(adapter);
        adapter.Save(_folder);
        Assert.True(AdapterFolder.Is(_folder));
        Assert.Equal(model, AdapterFolder.BaseOf(_folder));
        LoadedModel loaded = ModelLoader.Load(_folder);
        Assert.Equal(_folder, loaded.Path);
        Runs.Same(Runs.Whole(adapted, Runs.Sequences[0]), Runs.Whole(loaded.As<ILanguageModel>(), Runs.Sequences[0]));
        Directory.Delete(model, recursive: true);
        Assert.Contains(model, Assert.Throws<FileNotFoundException>(() => ModelLoader.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        TinyCheckpoint tiny = TinyDecoders.All["llama"]();
        Refused<InvalidDataException>("fits no layer", () => Load(tiny, New(Lora("nothing"))));
        Adapter adapter = New(Lora("q_proj"));
        _ = Load(tiny, adapter);
        adapter.Save(_folder);
        Rewrite("\"r\": 3", "\"r\": 4");
        Refused<InvalidDataException>("rank 3", () => Load(tiny, Adapter.Open(_folder)));
        Rewrite("\"r\": 4", "\"r\": 3");
        Rewrite("LORA", "OFT");
        Refused<NotSupportedException>("OFT", () => Adapter.Open(_folder));
        Rewrite("OFT", "LORA");
        Rewrite("\"use_dora\": false", "\"use_dora\": true");
        Refused<KeyNotFoundException>("lora_magnitude_vector", () => Load(tiny, Adapter.Open(_folder)));
        Rewrite("\"use_dora\": true", "\"use_dora\": false");
        TinyCheckpoint other = TinyDecoders.All["phi3"]();
        Refused<InvalidDataException>("layers that the model does not have", () => Load(other, Adapter.Open(_folder)));
        File.Delete(Path.Combine(_folder, Adapter.WeightsFileName));
        Refused<FileNotFoundException>(Adapter.WeightsFileName, () => Adapter.Open(_folder));
    }

    [Fact]
    public void RanksAndAlphasFollowPatterns()
    {
        AdapterConfig config = Lora("q_proj", "k_proj") with
        {
            RankPattern = new Dictionary<string, int> { ["layers.1.self_attn.q_proj"] = 2 },
            AlphaPattern = new Dictionary<string, double> { ["k_proj"] = 12 },
        };
        Assert.Equal(3, config.RankOf("model.layers.0.self_attn.q_proj"));
        Assert.Equal(2, config.RankOf("model.layers.1.self_attn.q_proj"));
        Assert.Equal(3, config.RankOf("model.layers.11.self_attn.q_proj"));
        Assert.Equal(4, config.ScaleOf("model.layers.0.self_attn.k_proj", 3));
        Assert.Equal(2, config.ScaleOf("model.layers.0.self_attn.q_proj", 3));
        Assert.False(config.IsTarget("model.layers.0.self_attn.xq_proj"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Adapter New(AdapterConfig config, string name = "adapter") => Adapter.Create(name, config, new RandomStream(11));

    private static ILanguageModel Load(TinyCheckpoint tiny, Adapter adapter) =>
        tiny.Load(new ModelLoadOptions { Adapters = new AdapterSet(adapter) }).As<ILanguageModel>();

    /// <summary>Moves every weight of an adapter, so that what it does shows.</summary>
    private static void Disturb(Adapter adapter)
    {
        using GradientSwitch off = Gradients.Off();
        var random = new RandomStream(17);
        foreach (Parameter parameter in adapter.Parameters)
        {
            Ops.AddInPlace(parameter.Value, Ops.Scale(Ops.RandomNormal(parameter.Value.Shape, random), 0.2f));
        }
    }

    private static SequenceBatch Batch(int rows)
    {
        var batch = new SequenceBatch();
        batch.Add(rows);
        return batch;
    }

    private static void Refused<T>(string part, Action action)
        where T : Exception => Assert.Contains(part, Assert.Throws<T>(action).Message, StringComparison.Ordinal);

    private void Rewrite(string from, string to)
    {
        string file = Path.Combine(_folder, AdapterConfig.FileName), text = File.ReadAllText(file);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
    }
}

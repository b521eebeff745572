using Percept.Checkpoints;
using Percept.Inference.Tests.Support;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Inference.Tests.Engine;

/// <summary>Each request has the answer of the model with its own adapter alone, whoever else is asked.</summary>
public class AdapterSwitchTests
{
    [Fact]
    public async Task RequestsOfSeveralAdaptersTakeTurns()
    {
        (LoadedModel loaded, AdapterSet set) = Load("q_proj", "down_proj");
        ILanguageModel model = loaded.As<ILanguageModel>();
        int[] ids = EngineRuns.Ids(9, 4, model.VocabularySize);
        string[] names = ["first", "second", AdapterSet.None];
        IReadOnlyList<int>[] wanted = [.. names.Select(name =>
        {
            set.Active = set.Find(name);
            return EngineRuns.WithoutCache(model, ids, 12);
        })];
        Assert.Equal(3, wanted.Select(tokens => string.Join(' ', tokens)).Distinct().Count());

        set.Active = set.Find("second");
        using var engine = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32, Adapters = set });
        string?[] asked = ["first", "second", "second", null, AdapterSet.None, "first", "first", AdapterSet.None, "second"];
        EngineRun[] runs = [.. asked.Select(
            name => engine.Start(EngineRuns.Request(ids, 12) with { Adapter = name }, TestContext.Current.CancellationToken))];
        for (int i = 0; i < runs.Length; i++)
        {
            // Without a name the one that acted when the engine began. Caches of others hold the same ids, and are not taken.
            EngineResult result = await runs[i].Completion;
            Assert.Equal(wanted[Array.IndexOf(names, asked[i] ?? "second")], result.Best.Tokens);
        }

        EngineResult again = engine.Result(EngineRuns.Request(ids, 12) with { Adapter = "first" });
        Assert.Equal(wanted[0], again.Best.Tokens);
        Assert.Equal(8, again.Usage.ReusedTokens);
        Assert.Contains("first, second", Assert.Throws<ArgumentException>(
            () => engine.Start(EngineRuns.Request(ids, 2) with { Adapter = "third" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheAdapterThatActedActsAgainWhenTheEngineEnds()
    {
        (LoadedModel loaded, AdapterSet set) = Load("q_proj", "down_proj");
        ILanguageModel model = loaded.As<ILanguageModel>();
        using (var engine = new InferenceEngine(model, new EngineOptions { Adapters = set }))
        {
            engine.Result(EngineRuns.Request(EngineRuns.Ids(5, 4, model.VocabularySize), 2) with { Adapter = AdapterSet.None });
            Assert.Null(set.Active);
        }

        Assert.Equal("first", set.Active?.Name);
    }

    [Fact]
    public void AnAdapterWithWholePartsCannotBeSwitchedOff()
    {
        Adapter adapter = Adapter.Create(
            "whole", new AdapterConfig { Method = AdapterMethod.Lora, Rank = 2, Targets = ["q_proj"], WholeParts = ["lm_head"] }, new RandomStream(1));
        var set = new AdapterSet(adapter);
        LoadedModel loaded = ModelLoader.Load(
            TinyModels.Folder("text/llama/default"),
            new ModelLoadOptions { Adapters = set, Trains = name => adapter.Config.IsWhole(name.Name) });
        ILanguageModel model = loaded.As<ILanguageModel>();
        using var engine = new InferenceEngine(model, new EngineOptions { Adapters = set });
        EngineRequest request = EngineRuns.Request(EngineRuns.Ids(5, 4, model.VocabularySize), 2);
        Assert.Equal(2, engine.Result(request).Best.Tokens.Count);
        Assert.Contains("lm_head", Assert.Throws<NotSupportedException>(
            () => engine.Start(request with { Adapter = AdapterSet.None })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelWithoutAdaptersHasNone()
    {
        ILanguageModel model = TinyModels.Language("text/llama/default");
        using var engine = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32 });
        EngineRequest request = EngineRuns.Request(EngineRuns.Ids(5, 4, model.VocabularySize), 4);
        Assert.Equal(engine.Result(request).Best.Tokens, engine.Result(request with { Adapter = AdapterSet.None }).Best.Tokens);
        Assert.Throws<ArgumentException>(() => engine.Start(request with { Adapter = "first" }));
    }

    [Fact]
    public async Task PicturesAreEncodedByTheirAdapter()
    {
        AdapterSet set = Set("first", "second");
        using MultimodalChat chat = MultimodalChat.Load(
            TinyModels.Folder(TinyModels.Llava), new EngineOptions { CacheType = KvCacheType.F32 }, LinearPrecision.Exact, set);
        Disturb(set);
        const string text = "<|im_start|>user <image>\nwhat is it?<|im_end|><|im_start|>assistant\n";
        MediaContent[] picture = [MediaContent.Of(TinyModels.Picture(3))];
        async Task<IReadOnlyList<int>> Ask(string? adapter)
        {
            var options = new AnswerOptions
            {
                Adapter = adapter, Adjust = settings => settings with { MaxNewTokens = 8, DoSample = false, EosTokenIds = [], RepetitionPenalty = 1.5f },
            };
            return (await chat.Start(text, picture, options, TestContext.Current.CancellationToken).Completion).Best.Tokens;
        }

        IReadOnlyList<int> none = await Ask(AdapterSet.None), first = await Ask(null), second = await Ask("second");
        using MultimodalChat plain = TinyModels.Chat();
        EngineResult alone = await plain.Start(
            text, picture, new AnswerOptions { Adjust = settings => settings with { MaxNewTokens = 8, DoSample = false, EosTokenIds = [], RepetitionPenalty = 1.5f } },
            TestContext.Current.CancellationToken).Completion;
        Assert.Equal(alone.Best.Tokens, none);
        Assert.NotEqual(none, first);
        Assert.NotEqual(none, second);
        Assert.NotEqual(first, second);
        Assert.Equal(none, await Ask(AdapterSet.None));
        Assert.Equal(second, await Ask("second"));

        AdapterSet Set(params string[] names) => new([.. names.Select((name, i) => Adapter.Create(
            name,
            new AdapterConfig { Method = AdapterMethod.Lora, Rank = 4, Alpha = 8, Targets = i == 0 ? ["v_proj", "down_proj"] : ["fc1", "fc2"] },
            new RandomStream(11)))]);
    }

    [Fact]
    public void NamesThatMeanNothingElseAreAsked()
    {
        var config = new AdapterConfig { Method = AdapterMethod.Lora, Rank = 2, Targets = ["q_proj"] };
        Assert.Throws<ArgumentException>(() => new AdapterSet(Adapter.Create(AdapterSet.None, config, new RandomStream(1))));
    }

    private static (LoadedModel Loaded, AdapterSet Set) Load(string firstTarget, string secondTarget)
    {
        Adapter New(string name, string target) => Adapter.Create(
            name, new AdapterConfig { Method = AdapterMethod.Lora, Rank = 4, Alpha = 8, Targets = [target] }, new RandomStream(11));
        var set = new AdapterSet(New("first", firstTarget), New("second", secondTarget));
        LoadedModel loaded = ModelLoader.Load(TinyModels.Folder("text/llama/default"), new ModelLoadOptions { Adapters = set });
        Disturb(set);
        Assert.Same(set, loaded.Adapters);
        return (loaded, set);
    }

    private static void Disturb(AdapterSet set)
    {
        using GradientSwitch off = Gradients.Off();
        var random = new RandomStream(17);
        foreach (Parameter parameter in set.All.SelectMany(adapter => adapter.Parameters))
        {
            Ops.AddInPlace(parameter.Value, Ops.Scale(Ops.RandomNormal(parameter.Value.Shape, random), 1f));
        }
    }
}

using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Inference.Tests.Support;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Inference.Tests.Engine;

/// <summary>Folders of learned prompts and prefixes answer as the whole forward pass behind them, the one that trains them, does.</summary>
public sealed class SoftPromptTests : IDisposable
{
    private const string Golden = "training/llama/soft_prompts";

    private readonly string _folder = Directory.CreateTempSubdirectory("percept-prompts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Kinds => ["prompt_tuning", "p_tuning", "prefix", "prefix_projection"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AFolderAnswersBehindItsPrompt(string kind)
    {
        LoadedModel loaded = ModelLoader.Load(Peft(kind));
        ILanguageModel model = loaded.As<ILanguageModel>();
        int[] ids = EngineRuns.Ids(9, 4, model.VocabularySize);
        IReadOnlyList<int> wanted = Whole(model, loaded.Prompt!, ids, 12), without = EngineRuns.WithoutCache(model, ids, 12);
        Assert.NotEqual(without, wanted);
        foreach (int chunk in (int[])[1, 4, 512])
        {
            using var engine = new InferenceEngine(loaded.Model, Options(loaded) with { PrefillChunk = chunk });
            EngineResult first = engine.Result(EngineRuns.Request(ids, 12)), again = engine.Result(EngineRuns.Request(ids, 12));
            Assert.Equal(wanted, first.Best.Tokens);
            Assert.Equal(0, first.Usage.ReusedTokens);
            Assert.Equal(9, first.Usage.PromptTokens);

            // From the cache of the first: the learned rows are not taken for the prompt's own.
            Assert.Equal(wanted, again.Best.Tokens);
            Assert.Equal(8, again.Usage.ReusedTokens);
            int[] other = [.. ids[..5], .. EngineRuns.Ids(3, 9, model.VocabularySize)];
            Assert.Equal(Whole(model, loaded.Prompt!, other, 6), engine.Tokens(other, 6));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void OtherSearchesStandBehindThePromptToo(string kind)
    {
        LoadedModel loaded = ModelLoader.Load(Peft(kind));
        ILanguageModel model = loaded.As<ILanguageModel>();
        int[] ids = EngineRuns.Ids(9, 4, model.VocabularySize);
        using var engine = new InferenceEngine(loaded.Model, Options(loaded));
        var request = new EngineRequest
        {
            Prompt = new PreparedPrompt { Ids = ids },
            Settings = new GenerationSettings { MaxNewTokens = 12, PromptLookupNumTokens = 3 },
        };

        // Guesses are taken back where they are wrong, and the answer is the greedy one.
        Assert.Equal(Whole(model, loaded.Prompt!, ids, 12), engine.Result(request).Best.Tokens);
        IReadOnlyList<int> beams = engine.Result(request with { Settings = new GenerationSettings { MaxNewTokens = 4, NumBeams = 3 } }).Best.Tokens;
        using var plain = new InferenceEngine(loaded.Model, new EngineOptions { CacheType = KvCacheType.F32 });
        IReadOnlyList<int> greedy = Whole(model, loaded.Prompt!, ids, 4);
        Assert.True(Score(model, loaded.Prompt!, ids, beams) >= Score(model, loaded.Prompt!, ids, greedy) - 1e-4);
        Assert.NotEqual(plain.Tokens(ids, 12), engine.Tokens(ids, 12));
    }

    [Fact]
    public void TheLearnedRowsTakePlacesOfTheContext()
    {
        LoadedModel loaded = ModelLoader.Load(Peft("prefix"));
        using var engine = new InferenceEngine(loaded.Model, Options(loaded) with { ContextLength = 20 });
        Assert.Equal(20 - loaded.Prompt!.Tokens, engine.ContextLength);
        Assert.Throws<ContextLengthException>(() => engine.Start(EngineRuns.Request(EngineRuns.Ids(12, 1), 20 - 12 - loaded.Prompt.Tokens + 1)));
    }

    [Theory]
    [InlineData("PROMPT_TUNING")]
    [InlineData("PREFIX_TUNING")]
    public async Task AFolderOfATunedLlavaIsAskedAboutAPicture(string type)
    {
        var base_ = ModelLoader.Load(TinyModels.Folder(TinyModels.Llava));
        ILanguageModel language = base_.As<IMultimodalModel>().Language;
        int width = type == "PROMPT_TUNING" ? language.HiddenSize : language.CacheShapes.Sum(layer => layer.KeyRow + layer.ValueRow);
        Tensor rows = Ops.RandomNormal([5, width], new RandomStream(7));
        string folder = Write(type, TinyModels.Folder(TinyModels.Llava), rows);
        using MultimodalChat chat = MultimodalChat.Load(folder, new EngineOptions { CacheType = KvCacheType.F32 }, LinearPrecision.Exact);
        const string text = "<|im_start|>user <image>\nwhat is it?<|im_end|><|im_start|>assistant\n";
        MediaContent[] picture = [MediaContent.Of(TinyModels.Picture(3))];
        var options = new AnswerOptions { Adjust = settings => settings with { MaxNewTokens = 8, DoSample = false, EosTokenIds = [] } };
        EngineResult result = await chat.Start(text, picture, options, TestContext.Current.CancellationToken).Completion;
        using PreparedPrompt prompt = chat.Processor.Prepare(text, picture);
        SoftPrompt learned = SoftPrompt.Create(rows, type == "PREFIX_TUNING");
        Assert.Equal(Whole(base_, learned, prompt, 8), result.Best.Tokens);
        using MultimodalChat plain = TinyModels.Chat();
        EngineResult other = await plain.Start(text, picture, options, TestContext.Current.CancellationToken).Completion;
        Assert.NotEqual(other.Best.Tokens, result.Best.Tokens);
    }

    [Theory]
    [InlineData("PROMPT_TUNING")]
    [InlineData("PREFIX_TUNING")]
    public void RowsOfAnotherModelAreRefused(string type)
    {
        string folder = Write(type, TinyModels.Folder(Golden), Ops.Zeros([3, 10]));
        LoadedModel loaded = ModelLoader.Load(folder);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => new InferenceEngine(loaded.Model, Options(loaded)));
        Assert.Contains("10 numbers a token", error.Message, StringComparison.Ordinal);
    }

    private static EngineOptions Options(LoadedModel loaded) => new() { Prompt = loaded.Prompt, CacheType = KvCacheType.F32 };

    /// <summary>Greedy decoding that runs everything again for each token, as training does.</summary>
    private static List<int> Whole(ILanguageModel model, SoftPrompt prompt, int[] ids, int count)
    {
        using GradientSwitch off = Gradients.Off();
        List<int> all = [.. ids];
        for (int i = 0; i < count; i++)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor hidden = Behind(model, prompt, model.Embed(Tensor.From(all.ToArray(), [all.Count])));
            all.Add(TokenSampler.Greatest(model.Logits(hidden.Rows(hidden.Shape[0] - 1, 1)).Span<float>()));
        }

        return all[ids.Length..];
    }

    private static List<int> Whole(LoadedModel loaded, SoftPrompt learned, PreparedPrompt prompt, int count)
    {
        using GradientSwitch off = Gradients.Off();
        IMultimodalModel model = loaded.As<IMultimodalModel>();
        List<int> all = [.. prompt.Ids];
        for (int i = 0; i < count; i++)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor embeddings = EmbeddingSplicer.Embed(model.Language, all.ToArray(), 0, prompt.Spans, media => model.Encode(media));
            Tensor hidden = Behind(model.Language, learned, embeddings);
            all.Add(TokenSampler.Greatest(model.Language.Logits(hidden.Rows(hidden.Shape[0] - 1, 1)).Span<float>()));
        }

        return all[prompt.Ids.Count..];
    }

    private static Tensor Behind(ILanguageModel model, SoftPrompt prompt, Tensor embeddings)
    {
        var batch = new SequenceBatch(model.PositionAxes);
        if (!prompt.IsPrefix)
        {
            batch.Add(prompt.Tokens + embeddings.Shape[0]);
            return model.Forward(Ops.Concat([prompt.Parameter.Value, embeddings], 0), batch);
        }

        batch.Add([.. Enumerable.Range(prompt.Tokens, embeddings.Shape[0])]);
        batch.SetPrefix(prompt);
        return model.Forward(embeddings, batch);
    }

    /// <summary>The logarithm of the probability of an answer.</summary>
    private static double Score(ILanguageModel model, SoftPrompt prompt, int[] ids, IReadOnlyList<int> answer)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        int[] all = [.. ids, .. answer];
        Tensor hidden = Behind(model, prompt, model.Embed(Tensor.From(all, [all.Length])));
        Tensor rows = hidden.Rows(hidden.Shape[0] - answer.Count - 1, answer.Count);
        return -answer.Count * Ops.CrossEntropy(model.Logits(rows), Tensor.From(answer.ToArray(), [answer.Count])).Item();
    }

    /// <summary>A folder of peft's, which names the model that it stands beside.</summary>
    private string Peft(string kind)
    {
        string from = Path.Combine(Path.GetDirectoryName(TinyModels.Folder(Golden))!, kind), to = Path.Combine(_folder, kind);
        Directory.CreateDirectory(to);
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(from, "adapter_config.json")))!.AsObject();
        config["base_model_name_or_path"] = TinyModels.Folder(Golden);
        File.WriteAllText(Path.Combine(to, "adapter_config.json"), config.ToJsonString());
        File.Copy(Path.Combine(from, "adapter_model.safetensors"), Path.Combine(to, "adapter_model.safetensors"));
        return to;
    }

    private string Write(string type, string model, Tensor rows)
    {
        string folder = Path.Combine(_folder, type);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"), new JsonObject
        {
            ["peft_type"] = type, ["num_virtual_tokens"] = rows.Shape[0], ["base_model_name_or_path"] = model,
        }.ToJsonString());
        SafetensorsWriter.Write(
            Path.Combine(folder, "adapter_model.safetensors"), new Dictionary<string, Tensor> { ["prompt_embeddings"] = rows });
        return folder;
    }
}

using Percept.Inference.Tests.Support;
using Percept.Models;
using Xunit;

namespace Percept.Inference.Tests.Engine;

/// <summary>An answer does not depend on how it is computed: with whom, in which pieces, of what was known.</summary>
public class EngineSameTests
{
    public static TheoryData<string> Models { get; } =
    [
        "text/llama/default", "text/llama/rope-yarn-mscale", "text/mistral/sliding", "text/qwen2/sliding", "text/gemma2/default",
        "text/gemma3_text/config-v5", "text/phi3/longrope", "text/mixtral/default", "text/qwen3_moe/default",
        "text/deepseek_v3/yarn", "text/gpt2/hub-bare", "text/opt/post-norm-proj", "text/llama/bf16",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void CachedIsUncached(string name)
    {
        ILanguageModel model = TinyModels.Language(name);
        int[] ids = EngineRuns.Ids(9, 1, model.VocabularySize);
        using var engine = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32 });
        Assert.Equal(EngineRuns.WithoutCache(model, ids, 12), engine.Tokens(ids, 12));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task TogetherIsAlone(string name)
    {
        ILanguageModel model = TinyModels.Language(name);
        int[][] prompts = [.. Enumerable.Range(0, 6).Select(i => EngineRuns.Ids(3 + (i * 4), 10 + i, model.VocabularySize))];
        using var engine = new InferenceEngine(model, new EngineOptions { PrefillChunk = 8, MaxSequences = 4 });
        EngineRun[] runs = [.. prompts.Select((ids, i) => engine.Start(
            EngineRuns.Request(ids, 10 + i), TestContext.Current.CancellationToken))];
        for (int i = 0; i < runs.Length; i++)
        {
            EngineResult together = await runs[i].Completion;
            using var alone = new InferenceEngine(model, new EngineOptions { PrefillChunk = 8 });
            Assert.Equal(alone.Tokens(prompts[i], 10 + i), together.Best.Tokens);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void PiecesAreTheWhole(string name)
    {
        ILanguageModel model = TinyModels.Language(name);
        int[] ids = EngineRuns.Ids(26, 4, model.VocabularySize);
        IReadOnlyList<int>[] answers =
        [
            .. new[] { 1, 7, 512 }.Select(chunk =>
            {
                using var engine = new InferenceEngine(
                    model, new EngineOptions { PrefillChunk = chunk, CacheType = KvCacheType.F32 });
                return engine.Tokens(ids, 12);
            }),
        ];
        Assert.Equal(answers[2], answers[0]);
        Assert.Equal(answers[2], answers[1]);
    }

    /// <summary>A prompt beyond the length at which the frequencies change, fed in pieces that are not.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void PiecesAreTheWholeWhereFrequenciesFollowTheLength(int chunk)
    {
        ILanguageModel model = TinyModels.Language("text/phi3/longrope");
        int[] ids = EngineRuns.Ids(40, 2, model.VocabularySize);
        float[] whole = Logits(model, ids, 512), pieces = Logits(model, ids, chunk);
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i], pieces[i], 1e-4f);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ABeginningThatIsKnownChangesNothing(string name)
    {
        ILanguageModel model = TinyModels.Language(name);
        int[] first = EngineRuns.Ids(17, 5, model.VocabularySize);
        using var engine = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32 });
        IReadOnlyList<int> answer = engine.Tokens(first, 6);

        // The conversation goes on, then begins anew from the middle, then crosses every limit of length.
        foreach (int[] ids in (int[][])[[.. first, .. answer, 5, 6], [.. first[..9], 11, 12], [.. first, .. EngineRuns.Ids(15, 8, model.VocabularySize)]])
        {
            EngineResult result = engine.Result(EngineRuns.Request(ids, 8));
            using var fresh = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32, PrefixCacheBytes = 0 });
            Assert.Equal(fresh.Tokens(ids, 8), result.Best.Tokens);
            Assert.True(result.Usage.ReusedTokens >= 9 || name.EndsWith("longrope", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void KeysOfOtherFrequenciesAreNotReused()
    {
        ILanguageModel model = TinyModels.Language("text/phi3/longrope");
        using var engine = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32 });
        int[] known = EngineRuns.Ids(18, 3);
        engine.Tokens(known, 2);
        Assert.Equal(0, engine.Result(EngineRuns.Request([.. known, .. EngineRuns.Ids(12, 4)], 2)).Usage.ReusedTokens);
        Assert.Equal(18, engine.Result(EngineRuns.Request([.. known, 9], 2)).Usage.ReusedTokens);
    }

    [Fact]
    public void OtherPositionsAreNotReused()
    {
        ILanguageModel model = TinyModels.Language("text/llama/default");
        using var engine = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32 });
        int[] ids = EngineRuns.Ids(12, 3);
        engine.Tokens(ids, 3);
        int[] moved = [.. Enumerable.Range(0, ids.Length).Select(i => i < 4 ? i : i + 20)];
        EngineResult result = engine.Result(EngineRuns.Request(new PreparedPrompt { Ids = ids, Positions = moved }, 6));
        using var fresh = new InferenceEngine(model, new EngineOptions { CacheType = KvCacheType.F32 });
        Assert.Equal(4, result.Usage.ReusedTokens);
        Assert.Equal(
            fresh.Result(EngineRuns.Request(new PreparedPrompt { Ids = ids, Positions = moved }, 6)).Best.Tokens, result.Best.Tokens);
    }

    [Fact]
    public void SeedsReproduce()
    {
        ILanguageModel model = TinyModels.Language("text/llama/default");
        using var engine = new InferenceEngine(model);
        EngineRequest Seeded(ulong seed) => EngineRuns.Request([4, 5, 6], 16) with
        {
            Settings = new GenerationSettings { MaxNewTokens = 16, DoSample = true, Temperature = 1.5, Seed = seed },
        };
        EngineRun[] runs = [.. new ulong[] { 1, 2, 1 }.Select(seed => engine.Start(Seeded(seed), TestContext.Current.CancellationToken))];
        IReadOnlyList<int>[] answers = [.. runs.Select(run => run.Completion.GetAwaiter().GetResult().Best.Tokens)];
        Assert.Equal(answers[0], answers[2]);
        Assert.NotEqual(answers[0], answers[1]);
        Assert.Equal(answers[1], engine.Result(Seeded(2)).Best.Tokens);
    }

    private static float[] Logits(ILanguageModel model, int[] ids, int chunk)
    {
        using var session = new ModelSession(model, 1, KvCacheType.F32, chunk);
        var logits = new float[model.VocabularySize];
        session.Step(new int[ids.Length], ids, logits);
        return logits;
    }
}

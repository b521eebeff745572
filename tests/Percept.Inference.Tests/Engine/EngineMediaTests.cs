using Percept.Inference.Tests.Support;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Inference.Tests.Engine;

/// <summary>Pictures are encoded once, and never taken for one another.</summary>
public class EngineMediaTests
{
    private static readonly LoadedModel s_model = ModelLoader.Load(TinyModels.Folder(TinyModels.Llava));
    private static readonly IProcessor s_processor = ProcessorLoader.Load(TinyModels.Folder(TinyModels.Llava));

    [Fact]
    public void APictureIsEncodedOnce()
    {
        var counted = new Counting(s_model.As<IMultimodalModel>());
        using var engine = new InferenceEngine(counted);
        EngineResult first = Ask(engine, "what is it?", 1), again = Ask(engine, "what is it?", 1);
        Assert.Equal(1, counted.Encoded);
        Assert.Equal(first.Best.Tokens, again.Best.Tokens);
        Assert.True(again.Usage.ReusedTokens > again.Usage.MediaTokens);
        Assert.Equal(first.Best.Tokens, Fresh("what is it?", 1));
    }

    [Fact]
    public void AnotherPictureWithTheSameIdsIsAnotherPrompt()
    {
        var counted = new Counting(s_model.As<IMultimodalModel>());
        using var engine = new InferenceEngine(counted);
        Ask(engine, "what is it?", 1);
        EngineResult other = Ask(engine, "what is it?", 2);
        Assert.Equal(2, counted.Encoded);
        Assert.Equal(Fresh("what is it?", 2), other.Best.Tokens);
        using PreparedPrompt prompt = Prompt("what is it?", 2);
        Assert.True(other.Usage.ReusedTokens <= prompt.Spans[0].Start);
    }

    [Fact]
    public void PlaceholdersWithoutAPictureAreAnotherPrompt()
    {
        using var engine = new InferenceEngine(s_model.Model);
        Ask(engine, "what is it?", 1);
        using PreparedPrompt prompt = Prompt("what is it?", 1);
        var plain = new PreparedPrompt { Ids = [.. prompt.Ids] };
        EngineResult result = engine.Result(EngineRuns.Request(plain, 6));
        using var fresh = new InferenceEngine(s_model.Model);
        Assert.Equal(fresh.Result(EngineRuns.Request(plain, 6)).Best.Tokens, result.Best.Tokens);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void PiecesAreTheWhole(int chunk)
    {
        using var engine = new InferenceEngine(s_model.Model, new EngineOptions { PrefillChunk = chunk });
        Assert.Equal(Fresh("go on", 1, 3, 1), Ask(engine, "go on", 1, 3, 1).Best.Tokens);
    }

    [Fact]
    public async Task SeveralAtOnceAreEachAlone()
    {
        using var engine = new InferenceEngine(s_model.Model, new EngineOptions { PrefillChunk = 9 });
        PreparedPrompt[] prompts = [.. Enumerable.Range(0, 5).Select(i => Prompt($"question {i * i}", [.. Enumerable.Range(i, i % 3)]))];
        EngineRun[] runs = [.. prompts.Select(prompt => engine.Start(
            EngineRuns.Request(prompt, 8), TestContext.Current.CancellationToken))];
        for (int i = 0; i < runs.Length; i++)
        {
            Assert.Equal(
                Fresh($"question {i * i}", [.. Enumerable.Range(i, i % 3)]), (await runs[i].Completion).Best.Tokens);
            prompts[i].Dispose();
        }
    }

    [Fact]
    public void AModelWhoseMediaSeeAheadIsRefused()
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => new InferenceEngine(new Counting(s_model.As<IMultimodalModel>()) { MediaSeeAhead = true }).Dispose());
        Assert.Contains("in pieces", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APicturesLimitIsTheCallers()
    {
        string file = Path.Combine(Path.GetTempPath(), $"percept-{Guid.NewGuid():n}.png");
        try
        {
            File.WriteAllBytes(file, PngEncoder.Encode(TinyModels.Picture(1, 60, 40)));
            MediaLimits small = MediaLimits.Default.WithPixels(2399), enough = MediaLimits.Default.WithPixels(2400);
            MediaLimitException error = Assert.Throws<MediaLimitException>(() => MediaLoader.Load(file, limits: small));
            Assert.Equal(nameof(MediaLimits.MaxPixels), error.Limit);
            Assert.Equal(MediaKind.Image, MediaLoader.Load(file, limits: enough).Kind);
            Assert.Throws<MediaLimitException>(() => MediaLoader.Picture(File.ReadAllBytes(file), small));
            Assert.Throws<ArgumentOutOfRangeException>(() => MediaLimits.Default.WithPixels(0));
            Assert.Equal(2_000_000_000, MediaLimits.Default.WithPixels(2_000_000_000).MaxTotalPixels);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Beams and the other searches see the picture too.</summary>
    [Fact]
    public void ARunAloneSeesThePicture()
    {
        using var engine = new InferenceEngine(s_model.Model);
        using PreparedPrompt prompt = Prompt("what is it?", 1);
        EngineResult looked = engine.Result(EngineRuns.Request(prompt, 8) with
        {
            Settings = new GenerationSettings { MaxNewTokens = 8, PromptLookupNumTokens = 3 },
        });
        Assert.Equal(Fresh("what is it?", 1), looked.Best.Tokens);
    }

    [Fact]
    public void APromptOfAnotherModelIsRefused()
    {
        using var engine = new InferenceEngine(s_model.Model);
        using PreparedPrompt prompt = Prompt("what is it?", 1);
        MediaSpan span = prompt.Spans[0];
        Assert.Throws<PlaceholderMismatchException>(() => engine.Start(EngineRuns.Request(
            new PreparedPrompt { Ids = prompt.Ids, Spans = [span with { Offset = 1 }] }, 1)));
        Assert.Throws<ArgumentException>(() => engine.Start(EngineRuns.Request(
            new PreparedPrompt { Ids = prompt.Ids, Spans = [span, span] }, 1)));
        Assert.Throws<ArgumentException>(() => engine.Start(EngineRuns.Request(
            new PreparedPrompt { Ids = prompt.Ids, Positions = [1, 2] }, 1)));
    }

    private static IReadOnlyList<int> Fresh(string text, params int[] pictures)
    {
        using var engine = new InferenceEngine(s_model.Model);
        return Ask(engine, text, pictures).Best.Tokens;
    }

    private static EngineResult Ask(InferenceEngine engine, string text, params int[] pictures)
    {
        using PreparedPrompt prompt = Prompt(text, pictures);
        return engine.Result(EngineRuns.Request(prompt, 8));
    }

    private static PreparedPrompt Prompt(string text, params int[] pictures) => s_processor.Prepare(
        $"<|im_start|>user {string.Concat(pictures.Select(_ => "<image>"))}\n{text}<|im_end|><|im_start|>assistant\n",
        [.. pictures.Select(seed => MediaContent.Of(TinyModels.Picture(seed)))]);

    private sealed class Counting(IMultimodalModel model) : IMultimodalModel
    {
        internal int Encoded { get; private set; }

        public bool MediaSeeAhead { get; init; }

        public ILanguageModel Language => model.Language;

        public IReadOnlyCollection<MediaKind> Kinds => model.Kinds;

        public Tensor Encode(MediaInput media, CancellationToken cancellation = default)
        {
            Encoded++;
            return model.Encode(media, cancellation);
        }
    }
}

using Xunit;

namespace Percept.Inference.Tests.Logits;

/// <summary>The order of processors, and rules that no golden case shows.</summary>
public class ChainTests
{
    [Fact]
    public void AllProcessorsStandInTheReferencesOrder()
    {
        LogitsChain chain = LogitsChain.Build(All(), new LogitsChainInputs
        {
            EncoderIds = [[1]],
            Allowed = static (_, _) => s_all,
            Custom = [new Probe()],
        });
        Assert.Equal(
            [
                "UnbatchedClassifierFreeGuidanceLogitsProcessor", "SequenceBiasLogitsProcessor",
                "EncoderRepetitionPenaltyLogitsProcessor", "RepetitionPenaltyLogitsProcessor", "NoRepeatNGramLogitsProcessor",
                "EncoderNoRepeatNGramLogitsProcessor", "NoBadWordsLogitsProcessor", "MinLengthLogitsProcessor",
                "MinNewTokensLengthLogitsProcessor", "PrefixConstrainedLogitsProcessor", "ForcedBOSTokenLogitsProcessor",
                "ForcedEOSTokenLogitsProcessor", "InfNanRemoveLogitsProcessor", "ExponentialDecayLengthPenalty",
                "SuppressTokensLogitsProcessor", "SuppressTokensAtBeginLogitsProcessor", "FrequencyPenalty", "Probe",
                "TemperatureLogitsWarper", "TopHLogitsWarper", "TopKLogitsWarper", "TopPLogitsWarper", "MinPLogitsWarper",
                "TypicalLogitsWarper", "EpsilonLogitsWarper", "EtaLogitsWarper", "LogitNormalization",
            ],
            chain.Processors.Select(processor => processor.Name));
    }

    [Fact]
    public void WithoutSamplingTheFiltersAreLeftOut()
    {
        LogitsChain chain = LogitsChain.Build(All() with { DoSample = false }, new LogitsChainInputs { EncoderIds = [[1]] });
        Assert.DoesNotContain(chain.Processors, processor => processor.Name.EndsWith("Warper", StringComparison.Ordinal));
        Assert.Empty(LogitsChain.Build(new GenerationSettings()).Processors);
    }

    [Fact]
    public void SamplingAloneKeepsTheBestFifty()
    {
        LogitsChain chain = LogitsChain.Build(new GenerationSettings { DoSample = true });
        Assert.Equal(["TopKLogitsWarper"], chain.Processors.Select(processor => processor.Name));
        float[] logits = [.. Enumerable.Range(0, 80).Select(i => (float)i)];
        chain.Process(new LogitsContext([], 0), logits);
        Assert.Equal(50, logits.Count(float.IsFinite));
    }

    [Theory]
    [InlineData(new int[0], 2)]
    [InlineData(new[] { 3 }, 2)]
    [InlineData(new[] { 3, 4 }, 3)]
    public void WithBeamsTheFiltersKeepMoreThanTheEndTokens(int[] ends, int kept)
    {
        LogitsChain chain = LogitsChain.Build(
            new GenerationSettings { DoSample = true, NumBeams = 2, TopK = 1, TopP = 0.01, MinP = 0.99, EosTokenIds = ends });
        float[] logits = [.. Enumerable.Range(0, 20).Select(i => (float)i)];
        chain.Process(new LogitsContext([], 0), logits);
        Assert.Equal(kept, logits.Count(float.IsFinite));
    }

    [Fact]
    public void PaddingDoesNotCountAsARepetition()
    {
        float[] logits = [2, 2, 2, -2];
        new RepetitionPenaltyProcessor(2).Process(new LogitsContext([0, 0, 1, 3, 1], 5, padding: 2), logits);
        Assert.Equal([2, 1, 2, -4], logits);
    }

    [Fact]
    public void IdsBeyondTheVocabularyAreNoLogits()
    {
        float[] logits = [2, 2];
        new RepetitionPenaltyProcessor(2).Process(new LogitsContext([900, -1, 1], 3), logits);
        new NoRepeatNgramProcessor(1).Process(new LogitsContext([900, -1, 0], 3), logits);
        Assert.Equal([float.NegativeInfinity, 1], logits);
    }

    [Fact]
    public void GeneratedTokensArePenalisedByNumberAndPresence()
    {
        float[] logits = new float[4];
        new FrequencyPenaltyProcessor(0.5, 0.25).Process(new LogitsContext([1, 2, 2, 3, 2], 2), logits);
        // The prompt [1, 2] does not count.
        Assert.Equal([0, 0, -1.25f, -0.75f], logits);
    }

    [Fact]
    public void AForbiddenEndStaysForbidden()
    {
        float[] logits = [float.NegativeInfinity, -2, 3];
        new LengthDecayProcessor(new LengthDecay(1, 1.5), [0, 1, 99]).Process(new LogitsContext([5, 5, 5], 1), logits);
        Assert.Equal([float.NegativeInfinity, -1, 3], logits);
    }

    [Fact]
    public void TheLastOfEqualBiasesCounts()
    {
        float[] logits = new float[3];
        new SequenceBiasProcessor([new([1], 2), new([1], 5), new([0, 2], 1), new([2, 2], 7)])
            .Process(new LogitsContext([9, 0], 0), logits);
        Assert.Equal([0, 5, 1], logits);
        // A sequence as long as the context and one more does not count, as in the reference.
        logits = new float[3];
        new SequenceBiasProcessor([new([0, 2], 1)]).Process(new LogitsContext([0], 0), logits);
        Assert.Equal([0, 0, 0], logits);
    }

    [Fact]
    public void BiasesBeyondTheVocabularyAreRefused() => Assert.Throws<ArgumentException>(
        () => new SequenceBiasProcessor([new([7], 1)]).Process(new LogitsContext([0], 0), new float[3]));

    [Fact]
    public void NothingAllowedIsAnError() => Assert.Throws<InvalidOperationException>(
        () => new AllowedTokensProcessor(static (_, _) => []).Process(new LogitsContext([0], 0), new float[3]));

    [Fact]
    public void ForcedTokensComeAtTheirPlaces()
    {
        float[] logits = [1, 2, 3];
        new ForcedEosProcessor([0, 2]).Process(new LogitsContext([5, 5], 1, maxLength: 3), logits);
        Assert.Equal([0, float.NegativeInfinity, 0], logits);
        logits = [1, 2, 3];
        new SuppressTokensAtBeginProcessor([1], null, firstIsForced: true).Process(new LogitsContext([5], 1), logits);
        Assert.Equal([1, 2, 3], logits);
        new SuppressTokensAtBeginProcessor([1], null, firstIsForced: true).Process(new LogitsContext([5, 5], 1), logits);
        Assert.Equal([1, float.NegativeInfinity, 3], logits);
    }

    [Fact]
    public void ACallAllocatesNothing()
    {
        LogitsChain chain = LogitsChain.Build(
            All() with { GuidanceScale = null },
            new LogitsChainInputs { EncoderIds = [[1, 2, 3]], Allowed = static (_, _) => s_all });
        float[] logits = new float[500];
        int[] ids = [.. Enumerable.Range(0, 200).Select(i => i % 7)];
        for (int i = 0; i < 3; i++)
        {
            Run(chain, logits, ids);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            Run(chain, logits, ids);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static readonly int[] s_all = [.. Enumerable.Range(0, 500)];

    private static void Run(LogitsChain chain, float[] logits, int[] ids)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = i * 37 % 101 * 0.05f;
        }

        chain.Process(new LogitsContext(ids, 20, 1000), logits);
    }

    private static GenerationSettings All() => new()
    {
        DoSample = true, Temperature = 0.8, TopH = 0.9, TopK = 40, TopP = 0.95, MinP = 0.01, TypicalP = 0.95,
        EpsilonCutoff = 0.0001, EtaCutoff = 0.0001, RepetitionPenalty = 1.1, EncoderRepetitionPenalty = 1.1,
        FrequencyPenalty = 0.1, PresencePenalty = 0.1, NoRepeatNgramSize = 4, EncoderNoRepeatNgramSize = 3,
        BadWordsIds = [[5], [6, 7]], SequenceBias = [new([8], 1), new([4, 9], -2)], SuppressTokens = [10],
        BeginSuppressTokens = [11], ForcedBosTokenId = 1, ForcedEosTokenIds = [2], RemoveInvalidValues = true,
        RenormalizeLogits = true, ExponentialDecayLengthPenalty = new(2, 1.01), MinLength = 300, MinNewTokens = 250,
        EosTokenIds = [2], GuidanceScale = 1.5,
    };

    private sealed class Probe : ILogitsProcessor
    {
        public string Name => "Probe";

        public void Process(in LogitsContext context, Span<float> logits)
        {
        }
    }
}
